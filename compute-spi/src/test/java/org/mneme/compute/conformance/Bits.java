// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.mneme.compute.DType;

/** Conversions between doubles and the bytes of a tensor, independent of any provider. */
final class Bits {
  private Bits() {}

  /** The nearest value that {@code dtype} holds (ties to even). */
  static double round(DType dtype, double value) {
    return switch (dtype) {
      case F32 -> (float) value;
      case BF16 -> fromBf16(toBf16((float) value));
      case I32 -> (int) value;
    };
  }

  /** The nearest values that {@code dtype} holds. */
  static double[] round(DType dtype, double[] values) {
    return Arrays.stream(values).map(value -> round(dtype, value)).toArray();
  }

  /** The bytes of a tensor with these values. */
  static ByteBuffer encode(DType dtype, double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * dtype.byteCount());
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (dtype) {
        case F32 -> bytes.putFloat((float) value);
        case BF16 -> bytes.putShort(toBf16((float) value));
        case I32 -> bytes.putInt((int) value);
      }
    }
    return bytes.flip();
  }

  /** The values of a tensor's bytes. */
  static double[] decode(DType dtype, byte[] content) {
    ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[content.length / dtype.byteCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case F32 -> bytes.getFloat();
            case BF16 -> fromBf16(bytes.getShort());
            case I32 -> bytes.getInt();
          };
    }
    return values;
  }

  /** bfloat16 of a float, ties to even; a NaN stays one. */
  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    int carry = 0x7fff + (bits >>> 16 & 1);
    return (short) (bits + carry >>> 16);
  }

  static float fromBf16(short value) {
    return Float.intBitsToFloat(value << 16);
  }
}
