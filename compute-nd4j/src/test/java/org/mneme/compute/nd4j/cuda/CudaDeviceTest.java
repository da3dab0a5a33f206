// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.OutOfDeviceMemoryException;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.compute.nd4j.cuda.storage.CudaTensor;

@NeedsGpu
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaDeviceTest {
  private CudaDevice device;

  @BeforeAll
  void open() {
    device = (CudaDevice) new CudaProvider().open(NeedsGpu.DEVICE);
  }

  @AfterAll
  void close() {
    device.close();
  }

  private CudaTensor f32(long... extents) {
    return CudaTensor.of(device.allocate(MemoryTag.ACTIVATIONS, DType.F32, Shape.of(extents)));
  }

  @Test
  void everyProgramCompiles() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/cuda"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .sorted()
          .forEach(name -> device.programs().load(name.substring(0, name.length() - 3)));
    }
  }

  /** Neither a replay nor a step launched one by one makes a pointer that JavaCPP has to free. */
  @Test
  void aSteadyStepAllocatesNoNativeMemory() {
    try (Tensor x = f32(64, 48);
        Tensor w = f32(32, 48);
        Tensor y = f32(64, 32);
        Tensor total = f32(1)) {
      device.random().normal(x, 0, 1, 1);
      device.random().normal(w, 0, 1, 2);
      Runnable step =
          () -> {
            try (Tensor normal = f32(64, 48);
                Tensor rstd = f32(64)) {
              device.neural().rmsNorm(x, null, 1e-5f, normal, rstd);
              device.matrix().linear(normal, w, y);
              device.neural().sum(y, 1f, Accumulation.REPLACE, total);
            }
          };
      try (CapturedGraph graph = device.capture(step)) {
        assertThatNothingIsAllocated(graph::replay);
      }
      step.run();
      assertThatNothingIsAllocated(step);
    }
  }

  private void assertThatNothingIsAllocated(Runnable work) {
    device.synchronize();
    long bytes = Pointer.totalBytes();
    long count = Pointer.totalCount();
    long held = device.memoryReport().pooled();
    for (int i = 0; i < 10; i++) {
      work.run();
    }
    device.synchronize();
    assertThat(Pointer.totalBytes()).isEqualTo(bytes);
    assertThat(Pointer.totalCount()).isEqualTo(count);
    assertThat(device.memoryReport().pooled()).isEqualTo(held);
  }

  @Test
  void whatAGraphWritesIsNeverAllocatedOutsideOfGraphs() {
    try (Tensor x = f32(1000)) {
      device.transfer().fill(x, 1);
      long[] inside = new long[1];
      Runnable work =
          () -> {
            try (CudaTensor temporary = f32(1000)) {
              inside[0] = temporary.address();
              device.transfer().copy(x, temporary);
            }
          };
      CapturedGraph graph = device.capture(work);
      try (CudaTensor outside = f32(1000)) {
        assertThat(outside.address()).isNotEqualTo(inside[0]);
        device.transfer().fill(outside, 2);
        graph.replay();
        assertThat(device.transfer().readFloats(outside)).containsOnly(2);
      }
      try (CapturedGraph other = device.capture(work)) {
        other.replay();
        graph.close();
        other.replay();
      }
      assertThatIllegalStateException().isThrownBy(graph::replay);
    }
  }

  @Test
  void aCaptureThatFailsLeavesTheDeviceUsable() {
    try (Tensor x = f32(10)) {
      assertThatIllegalStateException()
          .isThrownBy(
              () ->
                  device.capture(
                      () -> {
                        device.transfer().fill(x, 1);
                        throw new IllegalStateException("as asked");
                      }))
          .withMessage("as asked");
      assertThatIllegalStateException().isThrownBy(() -> device.capture(device::synchronize));
      device.transfer().fill(x, 3);
      assertThat(device.transfer().readFloats(x)).containsOnly(3);
      try (CapturedGraph graph = device.capture(() -> device.transfer().fill(x, 5))) {
        device.transfer().fill(x, 4);
        graph.replay();
        assertThat(device.transfer().readFloats(x)).containsOnly(5);
      }
    }
  }

  @Test
  void outOfMemoryTellsWhatIsFreeAndWhoHoldsTheMost() {
    try (Tensor weights = device.allocate(MemoryTag.WEIGHTS, DType.F32, 1 << 20);
        Tensor bank = device.allocate(MemoryTag.MEMORY_BANK, DType.F32, 1 << 10)) {
      assertThatExceptionOfType(OutOfDeviceMemoryException.class)
          .isThrownBy(() -> f32(device.info().totalMemory()))
          .withMessageContaining("ACTIVATIONS F32 [" + device.info().totalMemory() + "]")
          .withMessageContaining("free on the GPU")
          .withMessageMatching("(?s).*in use: .*WEIGHTS 4,194,304.*MEMORY_BANK 4,096.*");
      assertThat(weights.isClosed() || bank.isClosed()).isFalse();
    }
  }

  /** All but what does not fit beside what is held for reuse. */
  @Test
  void memoryHeldForReuseMakesWay() {
    long most = device.info().totalMemory() / 16 * 9 / 4;
    f32(most).close();
    f32(most / 2).close();
    try (Tensor large = f32(most + (1L << 20))) {
      assertThat(large.elementCount()).isGreaterThan(most);
    }
  }

  @Test
  void eachThreadMayUseTheDeviceInTurn() throws InterruptedException {
    try (Tensor x = f32(100)) {
      Thread other = new Thread(() -> device.transfer().fill(x, 7));
      other.start();
      other.join();
      assertThat(device.transfer().readFloats(x)).containsOnly(7);
    }
  }
}
