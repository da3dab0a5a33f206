// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import static org.bytedeco.cuda.global.cudart.CU_MEMHOSTALLOC_DEVICEMAP;
import static org.bytedeco.cuda.global.cudart.cuMemFreeHost;
import static org.bytedeco.cuda.global.cudart.cuMemHostAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemHostGetDevicePointer;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.support.IndexGuard;

/**
 * Values out of range that kernels have found. Each argument of an operation has a record in
 * page-locked memory that the GPU writes and the host reads once it has waited, so that neither a
 * copy nor a wait is needed, and that replays of graphs report like launches.
 */
public final class IndexFaults {
  private static final int RECORDS = 1024;
  private static final int RECORD_BYTES = 16;

  /** Of the program. */
  private static final int OUT_OF_RANGE = 1;

  private final BytePointer memory = new BytePointer();
  private final ByteBuffer records;
  private final long address;
  private final Map<Place, Integer> numbers = new LinkedHashMap<>();

  /** What a record is of. */
  private record Place(String operation, String argument, int last, int other) {}

  /** Allocates the records; they are freed when the context is closed. */
  public IndexFaults(CudaContext context) {
    context.makeCurrent();
    check(
        cuMemHostAlloc(memory, RECORDS * RECORD_BYTES, CU_MEMHOSTALLOC_DEVICEMAP),
        "cuMemHostAlloc");
    context.whenClosed(() -> cuMemFreeHost(memory));
    records = memory.capacity(RECORDS * RECORD_BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
    clear();
    long[] mapped = new long[1];
    check(cuMemHostGetDevicePointer(mapped, memory, 0), "cuMemHostGetDevicePointer");
    address = mapped[0];
  }

  /**
   * The device address of the record of an argument.
   *
   * @param last the greatest valid value, for the message
   * @param other one more valid value, for the message
   */
  long recordOf(String operation, String argument, int last, int other) {
    Place place = new Place(operation, argument, last, other);
    Integer number = numbers.get(place);
    if (number == null) {
      // With more kinds than records they share the last one, and a message may name another kind.
      number = Math.min(numbers.size(), RECORDS - 1);
      numbers.put(place, number);
    }
    return address + (long) number * RECORD_BYTES;
  }

  /**
   * Throws the first failure that is recorded, and forgets all; to be called when the device has
   * been waited for.
   *
   * @throws IllegalArgumentException naming operation, argument, value and range
   */
  public void throwFirst() {
    for (Map.Entry<Place, Integer> entry : numbers.entrySet()) {
      int at = entry.getValue() * RECORD_BYTES;
      int kind = records.getInt(at);
      if (kind != 0) {
        int value = records.getInt(at + Integer.BYTES);
        int before = records.getInt(at + 2 * Integer.BYTES);
        clear();
        Place place = entry.getKey();
        throw kind == OUT_OF_RANGE
            ? IndexGuard.outOfRange(place.operation, place.argument, value, place.last, place.other)
            : IndexGuard.notAscending(place.operation, place.argument, value, before);
      }
    }
  }

  private void clear() {
    for (int i = 0; i < RECORDS * RECORD_BYTES; i += Long.BYTES) {
      records.putLong(i, 0);
    }
  }
}
