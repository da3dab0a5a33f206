// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OperationProfile;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;

/**
 * A device whose arguments are checked at the door and whose operations are timed while a profile
 * runs. A subclass gives the kernels, which need not check again; each getter is asked once, at the
 * first use of its group.
 *
 * <p>A second thread that enters while another one is inside, be it to run an operation, to
 * allocate or to close a tensor, gets an {@link IllegalStateException} that names both.
 *
 * <p>Checked are the device, that tensors are open, dtypes, shapes, ranges of scalars, forbidden
 * overlaps and, by the device's {@link IndexGuard}, values that are used as addresses.
 */
public abstract class AbstractDevice implements Device {
  private final DeviceInfo info;
  private final ThreadGuard guard;
  private final OperationProfiler profiler = createProfiler();
  private final OperationRunner operations;
  private final LeakTracker leakTracker = LeakTracker.fromProperty();
  private final ArgumentCheck check = new ArgumentCheck(this);
  private boolean recording;
  private IndexChecks indices;
  private MatrixKernels matrix;
  private NeuralKernels neural;
  private MemoryKernels memory;
  private ContextKernels context;
  private OptimizerKernels optimizer;
  private RandomKernels random;
  private TransferKernels transfer;

  /** Creates a device that answers to {@code info}. */
  protected AbstractDevice(DeviceInfo info) {
    this.info = info;
    this.guard = new ThreadGuard(info.id());
    this.operations = new OperationRunner(guard, profiler);
  }

  /**
   * Returns a new tensor with undefined contents; the calling thread is the only one inside.
   *
   * @throws org.mneme.compute.OutOfDeviceMemoryException if there is no room
   * @throws IllegalArgumentException if the device does not support {@code dtype}
   */
  protected abstract Tensor newTensor(MemoryTag tag, DType dtype, Shape shape);

  /** The unchecked matrix products. */
  protected abstract MatrixKernels matrixKernels();

  /** The unchecked neural operations. */
  protected abstract NeuralKernels neuralKernels();

  /** The unchecked memory operations. */
  protected abstract MemoryKernels memoryKernels();

  /** The unchecked operations on contexts. */
  protected abstract ContextKernels contextKernels();

  /** The unchecked optimiser operations. */
  protected abstract OptimizerKernels optimizerKernels();

  /** The unchecked random numbers. */
  protected abstract RandomKernels randomKernels();

  /** The unchecked transfers. */
  protected abstract TransferKernels transferKernels();

  /**
   * How many units do matrix products at the same time (threads of a CPU): the GEMM share of a
   * profile is GEMM time over units × wall time.
   */
  protected int processingUnits() {
    return 1;
  }

  /**
   * How the storage of two open tensors of this device relates. This one only knows equal handles;
   * a provider that knows addresses does better.
   */
  protected Overlap overlap(Tensor a, Tensor b) {
    return a == b ? Overlap.SAME : Overlap.NONE;
  }

  /**
   * Returns what keeps indices in range; called once. This one checks nothing, which is right only
   * for kernels that use no value as an address or check each one themselves.
   */
  protected IndexGuard indexGuard() {
    return IndexGuard.NONE;
  }

  private IndexChecks indices() {
    if (indices == null) {
      indices = new IndexChecks(indexGuard());
    }
    return indices;
  }

  /** Makes the profiler; called during construction. */
  protected OperationProfiler createProfiler() {
    return new OperationProfiler(this::synchronize);
  }

  /** The profiler, for kernels that tell of matrix products inside them. */
  public final OperationProfiler profiler() {
    return profiler;
  }

  /** Keeps a second thread out while one is inside. */
  public final ThreadGuard guard() {
    return guard;
  }

  /** The tracker of this device's tensors. */
  public final LeakTracker leakTracker() {
    return leakTracker;
  }

  /** Whether a capture is recording. */
  public final boolean recording() {
    return recording;
  }

  @Override
  public final DeviceInfo info() {
    return info;
  }

  @Override
  public final Tensor allocate(MemoryTag tag, DType dtype, Shape shape) {
    requireCountableBytes(dtype, shape);
    guard.enter("allocate");
    try {
      return newTensor(tag, dtype, shape);
    } finally {
      guard.exit();
    }
  }

  @Override
  public final MatrixKernels matrix() {
    if (matrix == null) {
      matrix = new CheckedMatrixKernels(matrixKernels(), check, operations);
    }
    return matrix;
  }

  @Override
  public final NeuralKernels neural() {
    if (neural == null) {
      neural = new CheckedNeuralKernels(neuralKernels(), check, indices(), operations);
    }
    return neural;
  }

  @Override
  public final MemoryKernels memory() {
    if (memory == null) {
      memory = new CheckedMemoryKernels(memoryKernels(), check, indices(), operations);
    }
    return memory;
  }

  @Override
  public final ContextKernels context() {
    if (context == null) {
      context = new CheckedContextKernels(contextKernels(), check, indices(), operations);
    }
    return context;
  }

  @Override
  public final OptimizerKernels optimizer() {
    if (optimizer == null) {
      optimizer = new CheckedOptimizerKernels(optimizerKernels(), check, indices(), operations);
    }
    return optimizer;
  }

  @Override
  public final RandomKernels random() {
    if (random == null) {
      random = new CheckedRandomKernels(randomKernels(), check, operations);
    }
    return random;
  }

  @Override
  public final TransferKernels transfer() {
    if (transfer == null) {
      transfer = new CheckedTransferKernels(transferKernels(), check, operations);
    }
    return transfer;
  }

  @Override
  public final OperationProfile profile(Runnable work) {
    return profiler.run(work, processingUnits());
  }

  /** Sizes are counted in bytes, as longs. */
  private void requireCountableBytes(DType dtype, Shape shape) {
    if (shape.elementCount() > Long.MAX_VALUE / dtype.byteCount()) {
      throw new OutOfDeviceMemoryException(
          "device "
              + info.id()
              + ": a tensor is too large: expected less than 2^63 bytes, got "
              + dtype
              + " "
              + shape);
    }
  }

  @Override
  public final CapturedGraph capture(Runnable work) {
    guard.enter("capture");
    try {
      if (recording) {
        throw new IllegalStateException("a capture is recording already on this device");
      }
      return recorded(work);
    } finally {
      guard.exit();
    }
  }

  private CapturedGraph recorded(Runnable work) {
    recording = true;
    try {
      return record(work);
    } finally {
      recording = false;
    }
  }

  /** Runs and records {@code work}; here, for devices without graphs, a replay runs it again. */
  protected CapturedGraph record(Runnable work) {
    work.run();
    return new RerunGraph(work);
  }
}
