// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.launch;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.nd4j.cuda.programs.CudaFunction;
import org.mneme.compute.nd4j.cuda.storage.CudaTensor;

/**
 * The launches of a device, one after the other. Arguments are written to slots in native memory
 * that are made once.
 */
final class KernelLaunch implements Launch {
  /**
   * The system property that makes each launch outside of graphs wait, so that an error is told of
   * the kernel that caused it.
   */
  static final String BLOCKING_PROPERTY = "mneme.cuda.blocking";

  private static final int MOST_ARGUMENTS = CudaFunction.MOST_ARGUMENTS;
  private static final int SLOT_BYTES = 8;
  private static final int MOST_THREADS = 1024;
  private static final int WARP = 32;
  private static final int MOST_BLOCKS_YZ = 65_535;

  private final CudaContext context;
  private final BooleanSupplier recording;
  private final boolean blocking = Boolean.getBoolean(BLOCKING_PROPERTY);
  private final BytePointer slots = new BytePointer((long) SLOT_BYTES * MOST_ARGUMENTS);
  private final ByteBuffer values = slots.asByteBuffer().order(ByteOrder.nativeOrder());
  private final PointerPointer<BytePointer> parameters = new PointerPointer<>(MOST_ARGUMENTS);
  private final int[] bytes = new int[MOST_ARGUMENTS];

  private Thread builder;
  private CudaFunction function;
  private int gridX;
  private int gridY;
  private int gridZ;
  private int threads;
  private int shared;
  private int count;

  KernelLaunch(CudaContext context, BooleanSupplier recording) {
    this.context = context;
    this.recording = recording;
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      parameters.put(i, slots.<BytePointer>getPointer((long) SLOT_BYTES * i));
    }
    context.whenClosed(
        () -> {
          slots.close();
          parameters.close();
        });
  }

  /** Begins a launch. */
  Launch begin(CudaFunction kernel) {
    Thread me = Thread.currentThread();
    if (function != null && builder != me) {
      throw new IllegalStateException(
          "a device belongs to one thread at a time, but "
              + me.getName()
              + " launches "
              + kernel
              + " while "
              + builder.getName()
              + " launches "
              + function);
    }
    builder = me;
    function = kernel;
    gridX = 0;
    threads = 0;
    shared = 0;
    count = 0;
    return this;
  }

  @Override
  public Launch grid(long x, long y, long z) {
    if (x < 1 || x > Integer.MAX_VALUE || outside(y) || outside(z)) {
      throw illegal("a grid of " + x + " × " + y + " × " + z + " blocks");
    }
    gridX = (int) x;
    gridY = (int) y;
    gridZ = (int) z;
    return this;
  }

  private static boolean outside(long blocks) {
    return blocks < 1 || blocks > MOST_BLOCKS_YZ;
  }

  @Override
  public Launch block(int size) {
    if (size < WARP || size > MOST_THREADS || size % WARP != 0) {
      throw illegal("a block of " + size + " threads");
    }
    threads = size;
    return this;
  }

  @Override
  public Launch shared(int size) {
    if (size < 0 || size > context.gpu().sharedMemoryPerBlock()) {
      throw illegal(size + " bytes of shared memory");
    }
    shared = size;
    return this;
  }

  @Override
  public Launch tensor(Tensor tensor) {
    return i64(tensor == null ? 0 : CudaTensor.of(tensor).address());
  }

  @Override
  public Launch tensor(Tensor tensor, long element) {
    return i64(CudaTensor.of(tensor).address() + element * tensor.dtype().byteCount());
  }

  @Override
  public Launch i32(int value) {
    values.putInt(slot(Integer.BYTES), value);
    return this;
  }

  @Override
  public Launch i64(long value) {
    values.putLong(slot(Long.BYTES), value);
    return this;
  }

  @Override
  public Launch f32(float value) {
    values.putFloat(slot(Float.BYTES), value);
    return this;
  }

  private int slot(int size) {
    bytes[count] = size;
    return SLOT_BYTES * count++;
  }

  @Override
  public void run() {
    if (gridX == 0 || threads == 0) {
      throw illegal("a launch without a grid or a block");
    }
    CudaFunction kernel = function;
    kernel.requireArguments(bytes, count);
    context.makeCurrent();
    kernel.grantShared(shared);
    int code =
        cuLaunchKernel(
            kernel.handle(),
            gridX,
            gridY,
            gridZ,
            threads,
            1,
            1,
            shared,
            context.stream(),
            parameters,
            (PointerPointer<?>) null);
    function = null;
    if (code != CUDA_SUCCESS) {
      check(code, "cuLaunchKernel of " + kernel + extents());
    }
    if (blocking && !recording.getAsBoolean()) {
      check(cuStreamSynchronize(context.stream()), kernel + extents());
    }
  }

  private IllegalArgumentException illegal(String what) {
    return new IllegalArgumentException(function + " cannot be launched with " + what);
  }

  private String extents() {
    return String.format(
        Locale.ROOT,
        ", grid %d × %d × %d, block %d, shared memory %d,",
        gridX,
        gridY,
        gridZ,
        threads,
        shared);
  }
}
