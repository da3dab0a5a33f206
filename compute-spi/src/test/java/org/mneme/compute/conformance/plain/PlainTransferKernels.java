// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import static org.mneme.compute.conformance.plain.PlainDevice.get;
import static org.mneme.compute.conformance.plain.PlainDevice.put;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.TransferKernels;

/** Copies, element by element. */
final class PlainTransferKernels implements TransferKernels {
  @Override
  public void write(ByteBuffer source, Tensor target) {
    ByteBuffer bytes = source.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[(int) target.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (target.dtype()) {
            case F32 -> bytes.getFloat();
            case BF16 -> Float.intBitsToFloat(bytes.getShort() << 16);
            case I32 -> bytes.getInt();
          };
    }
    put(target, values);
    source.position(source.limit());
  }

  @Override
  public void read(Tensor source, ByteBuffer target) {
    ByteBuffer bytes = target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (double value : get(source)) {
      switch (source.dtype()) {
        case F32 -> bytes.putFloat((float) value);
        case BF16 -> bytes.putShort((short) (Float.floatToIntBits((float) value) >>> 16));
        case I32 -> bytes.putInt((int) value);
      }
    }
    target.position(target.limit());
  }

  @Override
  public void copy(Tensor source, Tensor target) {
    put(target, get(source));
  }

  @Override
  public void fill(Tensor target, double value) {
    double[] values = new double[(int) target.elementCount()];
    Arrays.fill(values, value);
    put(target, values);
  }
}
