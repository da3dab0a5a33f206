// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import java.nio.ByteBuffer;

/** Converts the bytes of a tensor to Java arrays. */
final class TensorValues {
  private static final int CHUNK_BYTES = 1 << 22;

  private TensorValues() {}

  static float[] floats(SafetensorsFile file, TensorEntry entry) {
    FloatReader reader =
        switch (entry.type()) {
          case F32 -> ByteBuffer::getFloat;
          case F64 -> (bytes, at) -> (float) bytes.getDouble(at);
          case BF16 -> (bytes, at) -> Float.intBitsToFloat(bytes.getShort(at) << 16);
          case F16 -> (bytes, at) -> halfToFloat(bytes.getShort(at));
          default -> throw wrongType(file, entry, "F32, F64, BF16 or F16");
        };
    float[] values = new float[arrayLength(file, entry)];
    int width = entry.type().bytes();
    file.forEachChunk(
        entry.name(),
        CHUNK_BYTES,
        (offset, bytes) -> {
          int first = (int) (offset / width);
          for (int at = 0; at < bytes.limit(); at += width) {
            values[first + at / width] = reader.read(bytes, at);
          }
        });
    return values;
  }

  static int[] ints(SafetensorsFile file, TensorEntry entry) {
    LongReader reader =
        switch (entry.type()) {
          case I8 -> ByteBuffer::get;
          case U8 -> (bytes, at) -> Byte.toUnsignedInt(bytes.get(at));
          case I16 -> ByteBuffer::getShort;
          case U16 -> (bytes, at) -> Short.toUnsignedInt(bytes.getShort(at));
          case I32 -> ByteBuffer::getInt;
          case U32 -> (bytes, at) -> Integer.toUnsignedLong(bytes.getInt(at));
          case I64 -> ByteBuffer::getLong;
          default -> throw wrongType(file, entry, "I8, U8, I16, U16, I32, U32 or I64");
        };
    int[] values = new int[arrayLength(file, entry)];
    int width = entry.type().bytes();
    file.forEachChunk(
        entry.name(),
        CHUNK_BYTES,
        (offset, bytes) -> {
          int first = (int) (offset / width);
          for (int at = 0; at < bytes.limit(); at += width) {
            values[first + at / width] = narrow(file, entry, reader.read(bytes, at));
          }
        });
    return values;
  }

  private static int narrow(SafetensorsFile file, TensorEntry entry, long value) {
    if (value != (int) value) {
      throw SafetensorsException.ofTensor(
          file.path(), entry.name(), "the value " + value, "values that fit 32 bits with sign");
    }
    return (int) value;
  }

  private static int arrayLength(SafetensorsFile file, TensorEntry entry) {
    int longest = Integer.MAX_VALUE - 8;
    if (entry.elements() > longest) {
      throw SafetensorsException.ofTensor(
          file.path(), entry.name(), entry.elements() + " elements", "at most " + longest);
    }
    return (int) entry.elements();
  }

  private static SafetensorsException wrongType(
      SafetensorsFile file, TensorEntry entry, String expected) {
    return SafetensorsException.ofTensor(
        file.path(), entry.name(), "type " + entry.type(), expected);
  }

  /** IEEE 754 binary16 to binary32; every value is exact. */
  private static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (wide << 23) | (mantissa << 13));
  }

  @FunctionalInterface
  private interface FloatReader {
    float read(ByteBuffer bytes, int at);
  }

  @FunctionalInterface
  private interface LongReader {
    long read(ByteBuffer bytes, int at);
  }
}
