// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.conformance.plain.PlainDevice;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class Nd4jTensorsTest {
  private final Device device = CpuDevice.open(2);

  @AfterEach
  void close() {
    device.close();
  }

  private static INDArray counting(long rows, long columns) {
    return Nd4j.arange((double) (rows * columns))
        .castTo(DataType.FLOAT)
        .reshape('c', rows, columns);
  }

  private float[] read(Tensor tensor) {
    return device.transfer().readFloats(tensor);
  }

  @Test
  void aWrappedArraySharesItsElements() {
    INDArray array = counting(3, 4);
    Tensor tensor = Nd4jTensors.wrap(device, array);
    assertThat(tensor.shape()).isEqualTo(Shape.of(3, 4));
    assertThat(read(tensor)).startsWith(0, 1, 2).endsWith(10, 11);
    device.transfer().fill(tensor.rows(1, 2), -1);
    assertThat(array.getFloat(1, 3)).isEqualTo(-1f);
    array.putScalar(0, 2, 9f);
    assertThat(read(tensor)[2]).isEqualTo(9f);
    assertThat(device.memoryReport().currentTotal()).isZero();
  }

  @Test
  void aViewIsWrappedAtItsOffset() {
    INDArray array = counting(6, 4);
    INDArray view = array.get(NDArrayIndex.interval(2, 5), NDArrayIndex.all());
    Tensor tensor = Nd4jTensors.wrap(device, view);
    assertThat(read(tensor)).hasSize(12).startsWith(8).endsWith(19);
    INDArray back = Nd4jTensors.asINDArray(tensor.rows(1, 2));
    back.addi(100);
    assertThat(array.getFloat(3, 0)).isEqualTo(112f);
    assertThat(array.getFloat(4, 0)).isEqualTo(16f);
  }

  @Test
  void intsGoInAndOut() {
    INDArray array = Nd4j.createFromArray(new int[][] {{1, 2, 3}, {4, 5, 6}});
    Tensor tensor = Nd4jTensors.wrap(device, array);
    assertThat(tensor.dtype()).isEqualTo(DType.I32);
    assertThat(device.transfer().readInts(tensor)).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(Nd4jTensors.asINDArray(tensor.rows(1, 2)).toIntVector()).containsExactly(4, 5, 6);
  }

  @Test
  void otherOrdersAreCopiedOnlyWhenAsked() {
    INDArray transposed = counting(3, 4).transpose();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nd4jTensors.wrap(device, transposed))
        .withMessageContaining("[4, 3]")
        .withMessageContaining("strides")
        .withMessageContaining("dup('c')");
    INDArray column = counting(3, 4).getColumn(1, true);
    assertThatIllegalArgumentException().isThrownBy(() -> Nd4jTensors.wrap(device, column));
    try (Tensor copy = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, transposed)) {
      assertThat(read(copy)).startsWith(0, 4, 8, 1);
      transposed.putScalar(0, 0, 77f);
      assertThat(read(copy)).startsWith(0);
    }
    INDArray view = counting(6, 4).get(NDArrayIndex.interval(2, 5), NDArrayIndex.all());
    try (Tensor copy = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, view)) {
      assertThat(read(copy)).startsWith(8).endsWith(19);
    }
  }

  @Test
  void otherTypesAndEmptyArraysAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nd4jTensors.wrap(device, Nd4j.zeros(DataType.DOUBLE, 2)))
        .withMessageContaining("DOUBLE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nd4jTensors.wrap(device, Nd4j.empty(DataType.FLOAT)))
        .withMessageContaining("empty");
  }

  @Test
  void anArrayOfATensorSharesItsElements() {
    Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.F32, 3, 4);
    device.transfer().fill(tensor, 2);
    INDArray array = Nd4jTensors.asINDArray(tensor);
    assertThat(array.shape()).containsExactly(3, 4);
    array.getRow(1).muli(3);
    assertThat(read(tensor)).startsWith(2, 2, 2, 2, 6, 6).endsWith(2);
    device.transfer().fill(tensor.rows(2, 3), 5);
    assertThat(array.sumNumber().floatValue()).isEqualTo(4 * (2 + 6 + 5));
    assertThat(array.mmul(array.transpose()).getFloat(2, 2)).isEqualTo(100f);
    tensor.close();
    assertThatIllegalStateException().isThrownBy(() -> Nd4jTensors.asINDArray(tensor));
  }

  @Test
  void aCopyOfATensorSharesNothing() {
    INDArray array = counting(5, 4);
    try (Tensor tensor = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, array)) {
      INDArray all = Nd4jTensors.toINDArray(tensor);
      INDArray some = Nd4jTensors.toINDArray(tensor.rows(1, 3));
      device.transfer().fill(tensor, -1);
      assertThat(all).isEqualTo(array);
      assertThat(some).isEqualTo(array.get(NDArrayIndex.interval(1, 3), NDArrayIndex.all()));
      all.putScalar(0, 0, 9f);
      assertThat(read(tensor)).containsOnly(-1);
    }
    try (Tensor ints = device.allocate(MemoryTag.WEIGHTS, DType.I32, 2, 3)) {
      device.transfer().writeInts(new int[] {1, 2, 3, 4, 5, 6}, ints);
      INDArray copy = Nd4jTensors.toINDArray(ints);
      assertThat(copy).isEqualTo(Nd4j.createFromArray(new int[][] {{1, 2, 3}, {4, 5, 6}}));
      ints.close();
      assertThatIllegalStateException().isThrownBy(() -> Nd4jTensors.toINDArray(ints));
    }
  }

  @Test
  void otherDevicesAreReachedByCopiesAlone() {
    INDArray array = counting(3, 4);
    try (Device other = new PlainDevice();
        Tensor tensor = Nd4jTensors.copy(other, MemoryTag.WEIGHTS, array.transpose());
        Tensor bf16 = other.allocate(MemoryTag.WEIGHTS, DType.BF16, 2, 3)) {
      assertThat(Nd4jTensors.toINDArray(tensor)).isEqualTo(array.transpose());
      other.transfer().fill(bf16, 1.5);
      assertThat(Nd4jTensors.toINDArray(bf16))
          .isEqualTo(Nd4j.valueArrayOf(new long[] {2, 3}, 1.5, DataType.FLOAT));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Nd4jTensors.wrap(other, array))
          .withMessageContaining("device plain shares no memory")
          .withMessageContaining("use copy(device, tag, array)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Nd4jTensors.asINDArray(tensor))
          .withMessageContaining("use toINDArray(tensor)");
    }
  }

  @Test
  void aLateUseOfAnArrayDoesNoHarm() {
    INDArray array;
    try (Device other = CpuDevice.open(1)) {
      Tensor tensor = other.allocate(MemoryTag.WEIGHTS, DType.F32, 1 << 20);
      other.transfer().fill(tensor, 2);
      array = Nd4jTensors.asINDArray(tensor);
    }
    assertThat(array.sumNumber().floatValue()).isEqualTo(2f * (1 << 20));
  }

  /**
   * ND4J frees an array that the garbage collector finds; a tensor, or a view of it, prevents it.
   */
  @Test
  void tensorsKeepTheirArraysAlive() throws InterruptedException {
    int count = 40;
    int length = 100_000;
    List<Tensor> tensors = new ArrayList<>();
    List<INDArray> arrays = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Tensor tensor =
          Nd4jTensors.wrap(
              device, Nd4j.valueArrayOf(new long[] {length}, (double) i, DataType.FLOAT));
      if (i % 2 == 0) {
        tensors.add(tensor.reshape(2, length / 2));
      } else {
        arrays.add(Nd4jTensors.asINDArray(tensor));
      }
    }
    for (int round = 0; round < 5; round++) {
      System.gc();
      Thread.sleep(20);
      // Would take the place of whatever was freed.
      Nd4j.valueArrayOf(new long[] {4L * length}, -1.0, DataType.FLOAT);
    }
    for (int i = 0; i < count / 2; i++) {
      assertThat(read(tensors.get(i))).containsOnly(2 * i);
      assertThat(arrays.get(i).minNumber().intValue()).isEqualTo(2 * i + 1);
      assertThat(arrays.get(i).maxNumber().intValue()).isEqualTo(2 * i + 1);
    }
  }
}
