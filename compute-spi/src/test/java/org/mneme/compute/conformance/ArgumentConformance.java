// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
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
 * Every operation with every tensor argument made wrong, one at a time: null, closed, of another
 * device, of another dtype, of another shape. The error is an {@link IllegalArgumentException} that
 * names the operation and the argument.
 */
public abstract class ArgumentConformance extends DeviceTestCase {
  /** Arguments of any shape, or whose shape only others can contradict. */
  private static final Set<String> FREE_SHAPES =
      Set.of(
          "adamWRows.rows",
          "clipFactors.sumsOfSquares",
          "concatTokens.bank",
          "concatTokensBackward.bank",
          "countIndices.indices",
          "countIndices.counts",
          "crossEntropy.logits",
          "decodeTokenMemory.bank",
          "decodeTokenMemoryBackward.bank",
          "episodicTokens.bank",
          "episodicTokens.inputIds",
          "fill.target",
          "normal.out",
          "placeWeights.bias",
          "placeWeightsBackward.dBias",
          "readFloats.source",
          "readInts.source",
          "rememberContexts.bank",
          "rotary.x",
          "softmaxCrossEntropy.logits",
          "sum.x",
          "sumOfSquares.x",
          "sumOfSquaresRows.rows",
          "sumOfSquaresRows.x",
          "uniform.out",
          "uniformInts.out",
          "zeroRows.rows",
          "zeroRows.table");

  /** Arguments of any dtype, or whose dtype only others can contradict. */
  private static final Set<String> FREE_TYPES =
      Set.of("fill.target", "read.source", "write.target");

  private void eachWrong(String kind, Check check) {
    try (ValidCalls calls = new ValidCalls(device)) {
      for (ValidCalls.Call call : calls.all()) {
        for (int i = 0; i < call.arguments().length; i++) {
          if (call.method().getParameterTypes()[i] == Tensor.class && call.arguments()[i] != null) {
            check.accept(call, i, call.name() + " with '" + call.parameter(i) + "' " + kind);
          }
        }
      }
    }
  }

  private interface Check {
    void accept(ValidCalls.Call call, int argument, String what);
  }

  private static void refused(ValidCalls.Call call, int argument, Object wrong, String what) {
    assertThatIllegalArgumentException()
        .as(what)
        .isThrownBy(() -> call.with(argument, wrong))
        .withMessageStartingWith(call.name() + ": ")
        .withMessageContaining("'" + call.parameter(argument) + "'");
  }

  @Test
  void everyOperationIsTried() {
    try (ValidCalls calls = new ValidCalls(device)) {
      Set<String> tried =
          calls.all().stream().map(call -> call.method().getName()).collect(Collectors.toSet());
      Set<String> wanted =
          Stream.of(
                  MatrixKernels.class,
                  NeuralKernels.class,
                  MemoryKernels.class,
                  ContextKernels.class,
                  OptimizerKernels.class,
                  RandomKernels.class,
                  TransferKernels.class)
              .flatMap(group -> Arrays.stream(group.getMethods()))
              .map(Method::getName)
              .collect(Collectors.toSet());
      assertThat(tried).isEqualTo(wanted);
    }
  }

  @Test
  void validArgumentsPass() {
    try (ValidCalls calls = new ValidCalls(device)) {
      for (ValidCalls.Call call : calls.all()) {
        assertThatCode(call::run).as(call.name()).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void missingTensorsAreNamed() {
    eachWrong(
        "missing",
        (call, i, what) -> {
          if (!call.nullable().contains(call.parameter(i))) {
            refused(call, i, null, what);
          }
        });
  }

  @Test
  void closedTensorsAreNamed() {
    eachWrong(
        "closed",
        (call, i, what) -> {
          Tensor valid = (Tensor) call.arguments()[i];
          Tensor closed = device.allocate(MemoryTag.WORKSPACE, valid.dtype(), valid.shape());
          closed.close();
          refused(call, i, closed, what);
        });
  }

  @Test
  void tensorsOfAnotherDeviceAreNamed() {
    eachWrong(
        "of another device",
        (call, i, what) -> refused(call, i, new ForeignTensor((Tensor) call.arguments()[i]), what));
  }

  /** A wrong dtype may also show at another argument, which then no longer goes with it. */
  @Test
  void wrongTypesAreRefused() {
    eachWrong(
        "of another dtype",
        (call, i, what) -> {
          if (!FREE_TYPES.contains(call.method().getName() + "." + call.parameter(i))) {
            Tensor valid = (Tensor) call.arguments()[i];
            DType other = valid.dtype() == DType.I32 ? DType.F32 : DType.I32;
            wrong(call, i, other, valid.shape(), what);
          }
        });
  }

  /** A wrong shape may also show at another argument, which then no longer goes with it. */
  @Test
  void wrongShapesAreRefused() {
    eachWrong(
        "of another shape",
        (call, i, what) -> {
          if (!FREE_SHAPES.contains(call.method().getName() + "." + call.parameter(i))) {
            Tensor valid = (Tensor) call.arguments()[i];
            long[] extents = valid.shape().toArray();
            // More than a batched product names would do; less does not.
            extents[extents.length - 1] += call.name().equals("batched_gemm") ? -1 : 1;
            wrong(call, i, valid.dtype(), Shape.of(extents), what);
          }
        });
  }

  private void wrong(ValidCalls.Call call, int i, DType dtype, Shape shape, String what) {
    try (Tensor wrong = device.allocate(MemoryTag.ACTIVATIONS, dtype, shape)) {
      List<String> parameters =
          Arrays.stream(call.method().getParameters()).map(p -> "'" + p.getName() + "'").toList();
      try {
        call.with(i, wrong);
      } catch (IllegalArgumentException e) {
        assertThat(e.getMessage()).as(what).startsWith(call.name() + ": ");
        assertThat(parameters)
            .as("%s: %s", what, e.getMessage())
            .anyMatch(e.getMessage()::contains);
        return;
      }
      fail("%s: not refused", what);
    }
  }
}
