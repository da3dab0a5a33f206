// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.Nd4jTensors;
import org.mneme.compute.nd4j.cuda.storage.CudaTensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** ND4J's arrays, on whichever backend ND4J chose, and tensors of a GPU. */
@NeedsGpu
class CudaExchangeTest {
  private final Device device = new CudaProvider().open(NeedsGpu.DEVICE);

  @AfterEach
  void close() {
    device.close();
  }

  private static INDArray counting(long rows, long columns) {
    return Nd4j.arange((double) (rows * columns))
        .castTo(DataType.FLOAT)
        .reshape('c', rows, columns);
  }

  @Test
  void floatsGoInAndOut() {
    INDArray array = counting(301, 77);
    try (Tensor tensor = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, array)) {
      assertThat(tensor.shape()).isEqualTo(Shape.of(301, 77));
      assertThat(Nd4jTensors.toINDArray(tensor)).isEqualTo(array);
      assertThat(Nd4jTensors.toINDArray(tensor.rows(3, 5)))
          .isEqualTo(array.get(NDArrayIndex.interval(3, 5), NDArrayIndex.all()));
      device.transfer().fill(tensor, 4);
      assertThat(Nd4jTensors.toINDArray(tensor).sumNumber().intValue()).isEqualTo(4 * 301 * 77);
    }
  }

  @Test
  void viewsOfAnyOrderGoIn() {
    INDArray array = counting(6, 4);
    INDArray view = array.get(NDArrayIndex.interval(2, 5), NDArrayIndex.all());
    try (Tensor tensor = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, view.transpose())) {
      assertThat(device.transfer().readFloats(tensor)).startsWith(8, 12, 16, 9).endsWith(19);
    }
  }

  @Test
  void intsGoInAndOut() {
    INDArray array = Nd4j.createFromArray(new int[][] {{1, -2, 3}, {4, 5, 6}});
    try (Tensor tensor = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, array)) {
      assertThat(tensor.dtype()).isEqualTo(DType.I32);
      assertThat(Nd4jTensors.toINDArray(tensor)).isEqualTo(array);
    }
  }

  @Test
  void bf16GoesOutAsFloats() {
    assumeTrue(device.info().dtypes().contains(DType.BF16), "the GPU has no bf16");
    try (Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.BF16, 5, 3)) {
      device.transfer().fill(tensor, 1.5);
      INDArray array = Nd4jTensors.toINDArray(tensor);
      assertThat(array.dataType()).isEqualTo(DataType.FLOAT);
      assertThat(array.data().asFloat()).hasSize(15).containsOnly(1.5f);
    }
    assertThat(device.memoryReport().currentTotal()).isZero();
  }

  /** Device memory reached by its address, as an array of ND4J's CUDA backend is. */
  @Test
  void memoryOfAnotherLibraryIsCopiedOnTheGpu() {
    CudaDevice gpu = (CudaDevice) device;
    try (Tensor foreign = device.allocate(MemoryTag.WEIGHTS, DType.F32, 1000);
        Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.F32, 1000)) {
      long address = CudaTensor.of(foreign).address();
      device.transfer().fill(foreign, 3);
      gpu.copyFrom(address, tensor);
      assertThat(device.transfer().readFloats(tensor)).containsOnly(3);
      device.transfer().fill(tensor, 6);
      gpu.copyTo(tensor, address);
      assertThat(device.transfer().readFloats(foreign)).containsOnly(6);
      assertThatIllegalStateException()
          .isThrownBy(() -> device.capture(() -> gpu.copyFrom(address, tensor)));
    }
  }

  @Test
  void sharingIsRefusedWithWhatToUseInstead() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nd4jTensors.wrap(device, counting(2, 2)))
        .withMessageContaining("cuda:0 shares no memory")
        .withMessageContaining("copy(device, tag, array)");
    try (Tensor tensor = device.allocate(MemoryTag.WEIGHTS, DType.F32, 2)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Nd4jTensors.asINDArray(tensor))
          .withMessageContaining("toINDArray(tensor)");
    }
  }
}
