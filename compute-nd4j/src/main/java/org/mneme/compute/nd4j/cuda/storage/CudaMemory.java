// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.SizeTPointer;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Shape;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.MemoryAccount;

/**
 * The memory of a device's tensors.
 *
 * <p>What is allocated while a capture records comes from a pool of its own, and goes back there: a
 * graph writes to these addresses at each replay, so no tensor outside of graphs may get them. The
 * graphs of a device share that pool, since they run one after the other.
 */
public final class CudaMemory {
  private static final long SLAB_BYTES = 256L << 20;

  private final AbstractDevice device;
  private final CudaContext context;
  private final BlockPool pool;
  private final BlockPool graphPool;
  private final MemoryAccount account = new MemoryAccount();
  private final Set<CudaTensor> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private int graphs;

  /** Memory for the tensors of {@code device}. */
  public CudaMemory(AbstractDevice device, CudaContext context) {
    this.device = device;
    this.context = context;
    this.pool = new BlockPool(new DriverSlabs(context), SLAB_BYTES);
    this.graphPool = new BlockPool(new DriverSlabs(context), SLAB_BYTES);
  }

  /**
   * A tensor with undefined contents.
   *
   * @throws OutOfDeviceMemoryException if there is no room
   */
  public CudaTensor allocate(MemoryTag tag, DType dtype, Shape shape) {
    BlockPool from = device.recording() ? graphPool : pool;
    BlockPool.Block block = take(from, dtype, shape.elementCount());
    if (block == null) {
      throw outOfMemory(tag, dtype, shape);
    }
    try {
      return tensor(tag, dtype, shape, from, block);
    } catch (RuntimeException | Error e) {
      // There may be no room in Java's heap for the handle.
      from.give(block);
      throw e;
    }
  }

  private CudaTensor tensor(
      MemoryTag tag, DType dtype, Shape shape, BlockPool from, BlockPool.Block block) {
    long bytes = shape.elementCount() * dtype.byteCount();
    CudaTensor tensor =
        new CudaTensor(
            device,
            dtype,
            shape,
            block.address(),
            device.leakTracker().opened(tag, dtype, shape),
            closed -> {
              open.remove(closed);
              account.remove(tag, bytes);
              from.give(block);
              trimGraphPool();
            });
    open.add(tensor);
    account.add(tag, bytes);
    return tensor;
  }

  private BlockPool.Block take(BlockPool from, DType dtype, long elements) {
    if (elements > context.gpu().totalMemory() / dtype.byteCount()) {
      return null;
    }
    long bytes = elements * dtype.byteCount();
    BlockPool.Block block = from.take(bytes);
    if (block == null) {
      trim();
      block = from.take(bytes);
    }
    return block;
  }

  /** Gives memory that is held for reuse back to the driver, as far as no graph needs it. */
  public void trim() {
    // While a capture records, the device is at rest and must not be waited for.
    if (!device.recording()) {
      context.synchronize();
    }
    pool.trim();
    trimGraphPool();
  }

  /** Notes that there is one graph more, which may be one that is about to be recorded. */
  void graphOpened() {
    graphs++;
  }

  /** Notes that a graph is gone. */
  void graphClosed() {
    graphs--;
    trimGraphPool();
  }

  private void trimGraphPool() {
    if (graphs == 0 && graphPool.pooledBytes() > 0 && graphPool.takenBytes() == 0) {
      context.synchronize();
      graphPool.trim();
    }
  }

  /** The memory in use and held. */
  public MemoryReport report() {
    return account.report(pool.pooledBytes() + graphPool.pooledBytes());
  }

  /** Closes all tensors and frees the memory; the device must be at rest. */
  public void close() {
    List<AutoCloseable> all = new ArrayList<>(open);
    all.add(pool::trim);
    all.add(graphPool::trim);
    Closer.closeAll(all);
  }

  private OutOfDeviceMemoryException outOfMemory(MemoryTag tag, DType dtype, Shape shape) {
    context.makeCurrent();
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      check(cuMemGetInfo(free, total), "cuMemGetInfo");
      return new OutOfDeviceMemoryException(
          String.format(
              Locale.ROOT,
              "no room on device %s for a tensor %s %s %s of %,.0f bytes; free on the GPU %,d of"
                  + " %,d bytes, held for reuse in pieces %,d; in use: %s",
              device.info().id(),
              tag,
              dtype,
              shape,
              (double) shape.elementCount() * dtype.byteCount(),
              free.get(),
              total.get(),
              report().pooled(),
              holders()));
    }
  }

  private String holders() {
    return report().current().entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(held -> String.format(Locale.ROOT, "%s %,d", held.getKey(), held.getValue()))
        .collect(Collectors.joining(", "));
  }
}
