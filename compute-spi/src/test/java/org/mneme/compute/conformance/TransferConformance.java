// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/** Copies between host and device and between tensors. */
public abstract class TransferConformance extends DeviceTestCase {
  final Stream<DType> every() {
    return Stream.of(DType.values()).filter(device.info().dtypes()::contains);
  }

  private Tensor allocate(DType dtype, long... extents) {
    return device.allocate(MemoryTag.ACTIVATIONS, dtype, extents);
  }

  @ParameterizedTest
  @MethodSource("every")
  void bytesComeBackAsTheyWent(DType dtype) {
    for (long[] extents : List.of(new long[] {1}, new long[] {7, 13}, new long[] {3, 1, 1031})) {
      try (Tensor tensor = allocate(dtype, extents)) {
        int bytes = (int) tensor.byteCount();
        ByteBuffer source = ByteBuffer.allocateDirect(bytes + 5);
        for (int i = 0; i < source.capacity(); i++) {
          source.put(i, (byte) (i * 31 % 113));
        }
        source.position(2).limit(2 + bytes);
        device.transfer().write(source, tensor);
        assertThat(source.position()).isEqualTo(source.limit());
        ByteBuffer target = ByteBuffer.allocate(bytes + 3).order(ByteOrder.BIG_ENDIAN);
        target.position(3);
        device.transfer().read(tensor, target);
        assertThat(target.remaining()).isZero();
        assertThat(target.position(3).slice()).isEqualTo(source.position(2).slice());
        assertThat(target.array()).startsWith(0, 0, 0);
      }
    }
  }

  @Test
  void arraysComeBackAsTheyWent() {
    float[] floats = {1.5f, -0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, 3e38f};
    int[] ints = {0, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 100, 7};
    try (Tensor f = allocate(DType.F32, 2, 3);
        Tensor i = allocate(DType.I32, 6)) {
      device.transfer().writeFloats(floats, f);
      device.transfer().writeInts(ints, i);
      assertThat(device.transfer().readFloats(f)).isEqualTo(floats);
      assertThat(device.transfer().readInts(i)).isEqualTo(ints);
      device.transfer().writeFloats(new float[] {9, 8, 7}, f.rows(1, 2));
      assertThat(device.transfer().readFloats(f)).startsWith(1.5f, -0f).endsWith(9, 8, 7);
    }
  }

  @Test
  void wrongSizesAndTypesAreRefused() {
    try (Tensor tensor = allocate(DType.F32, 3);
        Tensor ints = allocate(DType.I32, 3)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().write(ByteBuffer.allocate(13), tensor))
          .withMessageContaining("source")
          .withMessageContaining("13");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().read(tensor, ByteBuffer.allocate(11)))
          .withMessageContaining("target");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().writeFloats(new float[4], tensor))
          .withMessageContaining("source");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().writeFloats(new float[3], ints))
          .withMessageContaining("target");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().readInts(tensor))
          .withMessageContaining("source");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().copy(tensor, ints))
          .withMessageContaining("target");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.transfer().fill(ints, 1.5))
          .withMessageContaining("value");
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void copyOfTheSameType(DType dtype) {
    for (int rows : new int[] {1, 5, 1031}) {
      double[] values = new Numbers(rows).values(dtype, rows * 3, 100);
      try (Trial trial = trial("copy", dtype, rows)) {
        Tensor source = trial.input("source", dtype, values, rows, 3);
        Tensor target = trial.output("target", dtype, rows, 3);
        trial
            .run(() -> device.transfer().copy(source, target))
            .expect(target, values, Tolerance.EXACT);
      }
    }
  }

  /** Every claimed floating type to every other: rounded to even, specials kept. */
  @ParameterizedTest
  @MethodSource("floating")
  void copyConverts(DType from) {
    double[] values = {
      1,
      -1,
      1 + 0x1p-8,
      1 + 3 * 0x1p-8,
      -(1 + 0x1p-8),
      1 + 0x1p-8 + 0x1p-20,
      0,
      -0.0,
      1e-40,
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      3.4e38,
      0x1p-126,
      12345.678
    };
    double[] held = Bits.round(from, values);
    floating()
        .forEach(
            to -> {
              double[] wanted = Bits.round(to, held);
              try (Trial trial = trial("copy", from, to)) {
                Tensor source = trial.input("source", from, held, held.length);
                Tensor target = trial.output("target", to, held.length);
                trial
                    .run(() -> device.transfer().copy(source, target))
                    .expect(target, wanted, Tolerance.EXACT);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("every")
  void fillSetsEveryElement(DType dtype) {
    for (int rows : new int[] {1, 7, 2053}) {
      for (double value : new double[] {0, -3}) {
        try (Trial trial = trial("fill", dtype, rows, value)) {
          Tensor target = trial.output("target", dtype, rows, 5);
          trial
              .run(() -> device.transfer().fill(target, value))
              .expect(target, Numbers.filled(rows * 5, value), Tolerance.EXACT);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("every")
  void emptyRowsAreNoWork(DType dtype) {
    try (Tensor owner = allocate(dtype, 4, 3)) {
      device.transfer().fill(owner, 2);
      device.transfer().fill(owner.rows(2, 2), 5);
      device.transfer().copy(owner.rows(1, 1), owner.rows(4, 4));
      device.transfer().write(ByteBuffer.allocate(0), owner.rows(0, 0));
      byte[] content = new byte[(int) owner.byteCount()];
      device.transfer().read(owner, ByteBuffer.wrap(content));
      assertThat(Bits.decode(dtype, content)).containsOnly(2);
    }
  }

  /** Longer than the pieces in which arrays are copied, and no multiple of them. */
  @Test
  void longArraysArriveWhole() {
    int count = (1 << 22) + 5;
    float[] floats = new float[count];
    int[] ints = new int[count];
    for (int i = 0; i < count; i++) {
      floats[i] = i % 8191;
      ints[i] = i;
    }
    try (Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 5, count / 5);
        Tensor numbers = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, count)) {
      float[] exact = Arrays.copyOf(floats, Math.toIntExact(tensor.elementCount()));
      device.transfer().writeFloats(exact, tensor);
      device.transfer().writeInts(ints, numbers);
      assertThat(Arrays.equals(device.transfer().readFloats(tensor), exact)).isTrue();
      assertThat(Arrays.equals(device.transfer().readInts(numbers), ints)).isTrue();
    }
  }
}
