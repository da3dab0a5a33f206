// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import java.util.Arrays;
import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
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
import org.mneme.compute.support.AbstractDevice;
import org.mneme.compute.support.IndexGuard;
import org.mneme.compute.support.MemoryAccount;
import org.mneme.compute.support.Overlap;

/** The plain device, with every type: slow, and right by reading. */
public final class PlainDevice extends AbstractDevice {
  private static final long MOST_ELEMENTS = 1 << 26;

  private final MemoryAccount account = new MemoryAccount();
  private boolean closed;

  /** Opens a device. */
  public PlainDevice() {
    super(new DeviceInfo("plain", "plain", "doubles in plain loops", Set.of(DType.values()), -1));
  }

  static double round(DType dtype, double value) {
    return switch (dtype) {
      case F32 -> (float) value;
      case BF16 -> {
        // To even at bit 16: adds just less than half of the last place kept, or just half.
        int bits = Float.floatToRawIntBits((float) value);
        int rounded = bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000;
        yield Double.isNaN(value) ? Double.NaN : Float.intBitsToFloat(rounded);
      }
      case I32 -> (int) value;
    };
  }

  static double[] get(Tensor tensor) {
    return ((PlainTensor) tensor).get();
  }

  /** Which numbers of a mask are not 0; null for null. */
  static boolean[] flags(Tensor mask) {
    if (mask == null) {
      return null;
    }
    int[] values = ints(mask);
    boolean[] flags = new boolean[values.length];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = values[i] != 0;
    }
    return flags;
  }

  static int[] ints(Tensor tensor) {
    return Arrays.stream(get(tensor)).mapToInt(value -> (int) value).toArray();
  }

  static void put(Tensor tensor, double[] values) {
    ((PlainTensor) tensor).put(values);
  }

  static void put(Tensor tensor, int[] values) {
    put(tensor, Arrays.stream(values).asDoubleStream().toArray());
  }

  /** Adds to what the tensor holds. */
  static void add(Tensor tensor, double[] values) {
    double[] sum = get(tensor);
    Arrays.setAll(sum, i -> sum[i] + values[i]);
    put(tensor, sum);
  }

  static int rows(Tensor tensor) {
    return (int) tensor.shape().rows();
  }

  static int columns(Tensor tensor) {
    return (int) tensor.shape().columns();
  }

  @Override
  protected PlainTensor newTensor(MemoryTag tag, DType dtype, Shape shape) {
    if (shape.elementCount() > MOST_ELEMENTS) {
      throw new OutOfDeviceMemoryException("no room for " + dtype + " " + shape);
    }
    long bytes = shape.elementCount() * dtype.byteCount();
    account.add(tag, bytes);
    return PlainTensor.owner(this, dtype, shape, () -> account.remove(tag, bytes));
  }

  @Override
  protected Overlap overlap(Tensor a, Tensor b) {
    PlainTensor left = (PlainTensor) a;
    PlainTensor right = (PlainTensor) b;
    boolean apart =
        !left.sharesStorage(right)
            || left.first() + left.elementCount() <= right.first()
            || right.first() + right.elementCount() <= left.first();
    boolean same = left.first() == right.first() && left.elementCount() == right.elementCount();
    return apart ? Overlap.NONE : same ? Overlap.SAME : Overlap.PARTIAL;
  }

  @Override
  protected IndexGuard indexGuard() {
    return new PlainIndexGuard();
  }

  @Override
  protected MatrixKernels matrixKernels() {
    return new PlainMatrixKernels(profiler());
  }

  @Override
  protected NeuralKernels neuralKernels() {
    return new PlainNeuralKernels();
  }

  @Override
  protected MemoryKernels memoryKernels() {
    return new PlainMemoryKernels();
  }

  @Override
  protected ContextKernels contextKernels() {
    return new PlainContextKernels();
  }

  @Override
  protected OptimizerKernels optimizerKernels() {
    return new PlainOptimizerKernels();
  }

  @Override
  protected RandomKernels randomKernels() {
    return new PlainRandomKernels();
  }

  @Override
  protected TransferKernels transferKernels() {
    return new PlainTransferKernels();
  }

  @Override
  public void synchronize() {}

  @Override
  public MemoryReport memoryReport() {
    return account.report(0);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    guard().enter("close of the device");
    closed = true;
    guard().exit();
  }
}
