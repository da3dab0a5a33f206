// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.BatchedGemm.Layout;

/** Numbers out of range, layouts outside their tensors, and outputs that overlap inputs. */
public abstract class RangeConformance extends DeviceTestCase {
  private final List<Tensor> tensors = new ArrayList<>();

  private Tensor tensor(DType dtype, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, dtype, extents);
    tensors.add(tensor);
    return tensor;
  }

  private Tensor f32(long... extents) {
    return tensor(F32, extents);
  }

  private Tensor i32(long... extents) {
    return tensor(I32, extents);
  }

  // Runs before the leak check of the superclass.
  @AfterEach
  final void closeTensors() {
    tensors.forEach(Tensor::close);
    tensors.clear();
  }

  private static void refused(String operation, String argument, Runnable call) {
    assertThatIllegalArgumentException()
        .as("%s with a wrong '%s'", operation, argument)
        .isThrownBy(call::run)
        .withMessageStartingWith(operation + ": argument '" + argument + "'");
  }

  @Test
  void layoutsStayWithinTheirTensors() {
    Layout rows = new Layout(5, 15, false);
    batched(
        "a", new BatchedGemm(2, 3, 4, 5, new Layout(5, 16, false), new Layout(4, 0, false), c()));
    batched(
        "a", new BatchedGemm(2, 3, 4, 5, new Layout(6, 15, false), new Layout(4, 0, false), c()));
    batched(
        "a", new BatchedGemm(2, 3, 4, 5, new Layout(4, 15, false), new Layout(4, 0, false), c()));
    batched(
        "a", new BatchedGemm(2, 3, 4, 5, new Layout(5, -1, false), new Layout(4, 0, false), c()));
    batched(
        "a", new BatchedGemm(6, 1, 4, 5, new Layout(0, 5, false), new Layout(4, 0, false), c()));
    long far = Long.MAX_VALUE / 2;
    batched(
        "a", new BatchedGemm(3, 3, 4, 5, new Layout(5, far, false), new Layout(4, 0, false), c()));
    batched("b", new BatchedGemm(2, 3, 4, 5, rows, new Layout(4, 1, false), c()));
    batched("b", new BatchedGemm(2, 3, 4, 5, rows, new Layout(4, 0, true), c()));
    batched(
        "c", new BatchedGemm(2, 3, 4, 5, rows, new Layout(4, 0, false), new Layout(4, 13, false)));
    batched(
        "c", new BatchedGemm(2, 3, 4, 5, rows, new Layout(4, 0, false), new Layout(4, 2, false)));
  }

  private static Layout c() {
    return new Layout(4, 12, false);
  }

  private void batched(String argument, BatchedGemm layout) {
    Tensor a = f32(6, 5);
    Tensor b = f32(5, 4);
    Tensor c = f32(6, 4);
    refused("batched_gemm", argument, () -> device.matrix().batchedGemm(layout, 1f, a, b, 0f, c));
  }

  @Test
  void neuralNumbersAreInRange() {
    Tensor x = f32(6, 4);
    Tensor y = f32(6, 4);
    Tensor w = f32(4);
    Tensor m = f32(4);
    Tensor r = f32(4);
    refused("rms_norm", "eps", () -> device.neural().rmsNorm(x, w, -1f, y, f32(6)));
    refused(
        "batch_norm",
        "momentum",
        () -> device.neural().batchNorm(x, null, w, w, 1e-5f, 1.5f, null, null, y, m, r));
    refused(
        "batch_norm",
        "x",
        () ->
            device
                .neural()
                .batchNorm(x.rows(0, 1), null, w, w, 1e-5f, 0f, null, null, y.rows(0, 1), m, r));
    Tensor table = f32(5, 4);
    refused("rotary", "sequence", () -> device.neural().rotary(x, table, 0, 1, 0, false));
    refused("rotary", "x", () -> device.neural().rotary(x, table, 4, 1, 0, false));
    refused("rotary", "x", () -> device.neural().rotary(x, table, 3, 2, 0, false));
    refused("rotary", "table", () -> device.neural().rotary(x, table, 3, 1, 3, false));
    refused("rotary", "firstPosition", () -> device.neural().rotary(x, table, 3, 1, -1, false));
    refused("rotary", "rotatedHeads", () -> device.neural().rotary(x, table, 3, 0, 0, false));
  }

  @Test
  void cachesHaveRoomForTheNewPositions() {
    AttentionShape shape = new AttentionShape(2, 3, 2, 1, 4);
    Tensor qkv = f32(6, 16);
    Tensor keys = f32(2, 7, 4);
    Tensor values = f32(2, 7, 4);
    Tensor out = f32(6, 8);
    refused(
        "attention_decode",
        "keyCache",
        () -> device.neural().attentionDecode(qkv, shape, keys, values, 5, out));
    refused(
        "attention_decode",
        "firstPosition",
        () -> device.neural().attentionDecode(qkv, shape, keys, values, -1, out));
  }

  @Test
  void memoryNumbersAreInRange() {
    Tensor rows = f32(3, 2);
    Tensor table = f32(7, 2);
    Tensor indices = i32(3);
    refused("blend_rows", "keep", () -> device.memory().blendRows(rows, indices, 1.5f, table));
    refused("blend_rows", "keep", () -> device.memory().blendRows(rows, indices, Float.NaN, table));
    Tensor order = i32(6);
    Tensor starts = i32(7);
    Tensor means = f32(2, 2);
    Tensor counts = f32(2);
    Tensor features = f32(3, 2);
    refused(
        "scatter_mean", "slots", () -> mean(features, order, starts, 0, 0, 3, 0, means, counts));
    refused(
        "scatter_mean", "shift", () -> mean(features, order, starts, 0, 2, 3, -1, means, counts));
    refused(
        "scatter_mean", "features", () -> mean(features, order, starts, 0, 2, 2, 0, means, counts));
    refused(
        "scatter_mean", "features", () -> mean(features, order, starts, 0, 1, 3, 0, means, counts));
    refused(
        "scatter_mean", "means", () -> mean(features, order, starts, 5, 2, 3, 0, means, counts));
    refused(
        "group_selections",
        "firstRow",
        () -> device.memory().groupSelections(order, 5, 6, i32(6), i32(6), starts));
    refused(
        "group_selections",
        "rows",
        () -> device.memory().groupSelections(order, 0, 0, i32(6), i32(6), starts));
    Tensor bank = i32(7, 2);
    refused("episodic_tokens", "probability", () -> episodic(order, starts, 1, 1.01f, 0, bank));
    refused("episodic_tokens", "groups", () -> episodic(order, starts, 7, 1f, 0, bank));
    refused("episodic_tokens", "excludedToken", () -> episodic(order, starts, 1, 1f, -2, bank));
  }

  private void mean(
      Tensor features,
      Tensor order,
      Tensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      Tensor means,
      Tensor counts) {
    device
        .memory()
        .scatterMean(
            features, null, order, starts, firstGroup, slots, sequence, shift, means, counts);
  }

  private void episodic(
      Tensor order, Tensor starts, int groups, float probability, int excluded, Tensor bank) {
    Tensor ids = i32(2, 3);
    device
        .memory()
        .episodicTokens(order, order, starts, groups, ids, 1, probability, excluded, 1, bank);
  }

  @Test
  void aGateSelectsNoMoreThanItHas() {
    Tensor queries = f32(3, 4);
    Tensor keys = f32(1, 2, 4, 2);
    refused(
        "product_key_top_k",
        "indices",
        () ->
            device
                .memory()
                .productKeyTopK(queries, keys, null, i32(3, 1, 5), f32(3, 1, 5), null, null, null));
    refused(
        "product_key_top_k",
        "keys",
        () ->
            device
                .memory()
                .productKeyTopK(
                    queries, f32(2, 4, 2), null, i32(3, 1, 2), f32(3, 1, 2), null, null, null));
    refused(
        "product_key_top_k",
        "share",
        () ->
            device
                .memory()
                .productKeyTopK(
                    queries,
                    keys,
                    null,
                    i32(3, 1, 2),
                    f32(3, 1, 2),
                    f32(3, 1, 2),
                    null,
                    f32(1, 2, 4)));
  }

  @Test
  void otherNumbersAreInRange() {
    Tensor x = f32(3);
    refused("normal", "standardDeviation", () -> device.random().normal(x, 0f, -1f, 1));
    refused("uniform", "high", () -> device.random().uniform(x, 1f, 1f, 1));
    refused("uniform_ints", "high", () -> device.random().uniformInts(i32(3), 5, 5, 1));
    refused("fill", "value", () -> device.transfer().fill(i32(3), 0.5));
  }

  /** The same handle; finer overlaps are the provider's to find, since it knows addresses. */
  @Test
  void outputsDoNotOverlapInputs() {
    Tensor x = f32(6, 4);
    Tensor w = f32(4, 4);
    Tensor table = f32(6, 4);
    refused("rms_norm", "y", () -> device.neural().rmsNorm(x, null, 1e-5f, x, f32(6)));
    refused("linear", "y", () -> device.matrix().linear(x, w, x));
    refused("copy", "target", () -> device.transfer().copy(x, x));
    refused("scatter_rows", "table", () -> device.memory().scatterRows(table, i32(6), table));
  }
}
