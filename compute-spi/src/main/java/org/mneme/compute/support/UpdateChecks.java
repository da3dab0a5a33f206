// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import org.mneme.compute.Tensor;

/** Checks of the operations that move memory entries. */
final class UpdateChecks {
  private final ArgumentCheck check;

  UpdateChecks(ArgumentCheck check) {
    this.check = check;
  }

  void maskSelections(Tensor indices, Tensor valid, Tensor out) {
    check.of("mask_selections").dtype("indices", indices, I32).dtype("valid", valid, I32);
    long selections = indices.elementCount();
    long groups = valid.elementCount();
    check
        .shapeThat(
            groups == 0 ? selections == 0 : selections % groups == 0,
            "valid",
            valid,
            "a divisor of " + selections + " elements")
        .vector("out", out, I32, selections)
        .inPlace("out", out, "indices", indices)
        .disjoint("out", out, "valid", valid);
  }

  void groupSelections(
      Tensor indices, long rows, long firstRow, Tensor order, Tensor entries, Tensor starts) {
    check.of("group_selections").notRecording().dtype("indices", indices, I32);
    check.numbered("indices", indices);
    long selections = indices.elementCount();
    check
        .that(rows >= 1 && rows <= Integer.MAX_VALUE, "rows", (double) rows, "1 to 2^31 - 1")
        .that(firstRow >= 0 && firstRow <= rows, "firstRow", (double) firstRow, "0 to rows")
        .vector("order", order, I32, selections)
        .vector("entries", entries, I32, selections)
        .vector("starts", starts, I32, selections + 1)
        .disjoint("order", order, "indices", indices)
        .disjoint("entries", entries, "indices", indices)
        .disjoint("entries", entries, "order", order);
  }

  /** The grouping of R selections; the answer is R. */
  private long grouping(Tensor order, Tensor starts) {
    check.dtype("order", order, I32);
    check.vector("starts", starts, I32, order.elementCount() + 1);
    return order.elementCount();
  }

  private void slots(int slots) {
    check.that(slots >= 1, "slots", slots, ">= 1");
  }

  void scatterMean(
      Tensor features,
      Tensor valid,
      Tensor order,
      Tensor starts,
      int firstGroup,
      int slots,
      int sequence,
      int shift,
      Tensor means,
      Tensor counts) {
    check.of("scatter_mean").floating("features", features);
    long selections = grouping(order, starts);
    long positions = features.shape().rows();
    check.dtype("means", means, F32);
    long groups = means.shape().rows();
    slots(slots);
    check
        .that(sequence >= 1, "sequence", sequence, ">= 1")
        .shapeThat(
            positions % sequence == 0, "features", features, "rows in multiples of the sequence")
        .shapeThat(
            selections <= positions * slots,
            "features",
            features,
            "a row for each 'slots' selections")
        .that(shift >= 0, "shift", shift, ">= 0");
    if (valid != null) {
      check.dtype("valid", valid, I32);
      long validities = valid.elementCount();
      check.shapeThat(
          validities == 0 ? positions == 0 : positions % validities == 0,
          "valid",
          valid,
          "a divisor of " + positions + " elements");
    }
    check
        .that(firstGroup >= 0, "firstGroup", firstGroup, ">= 0")
        .shapeThat(
            firstGroup + groups <= selections, "means", means, "no more rows than groups can be")
        .matrix("means", means, F32, groups, features.shape().columns())
        .vector("counts", counts, F32, groups)
        .disjoint("means", means, "features", features)
        .disjoint("counts", counts, "means", means);
  }

  void scaleToMeanNorm(Tensor reference, Tensor x) {
    check.of("scale_to_mean_norm").floating("reference", reference).dtype("x", x, F32);
    check
        .matrix("x", x, F32, x.shape().rows(), reference.shape().columns())
        .disjoint("x", x, "reference", reference);
  }

  void nearestToken(Tensor embeddings, Tensor tokens, Tensor keep, Tensor features, Tensor out) {
    check.of("nearest_token").floating("embeddings", embeddings).dtype("tokens", tokens, I32);
    long entries = tokens.shape().rows();
    check
        .vector("keep", keep, F32, entries)
        .matrix("features", features, F32, entries, embeddings.shape().columns())
        .matrix("out", out, I32, entries, tokens.shape().columns())
        .inPlace("out", out, "tokens", tokens);
  }

  void episodicTokens(
      Tensor order,
      Tensor entries,
      Tensor starts,
      int groups,
      Tensor inputIds,
      int slots,
      float probability,
      int excludedToken,
      Tensor bank) {
    check.of("episodic_tokens");
    long selections = grouping(order, starts);
    check
        .vector("entries", entries, I32, selections)
        .that(groups >= 0 && groups <= selections, "groups", groups, "0 to " + selections)
        .dtype("inputIds", inputIds, I32);
    slots(slots);
    check
        .that(probability >= 0 && probability <= 1, "probability", probability, "0 to 1")
        .that(excludedToken >= -1, "excludedToken", excludedToken, "-1 or a token")
        .dtype("bank", bank, I32)
        .disjoint("bank", bank, "inputIds", inputIds);
  }

  void countIndices(Tensor indices, Tensor counts) {
    check
        .of("count_indices")
        .dtype("indices", indices, I32)
        .dtype("counts", counts, I32)
        .disjoint("counts", counts, "indices", indices);
  }

  void listRows(Tensor counts, Tensor rows, Tensor rowCount) {
    check
        .of("list_rows")
        .dtype("counts", counts, I32)
        .numbered("counts", counts)
        .vector("rows", rows, I32, counts.elementCount())
        .vector("rowCount", rowCount, I32, 1)
        .disjoint("rows", rows, "counts", counts)
        .disjoint("rowCount", rowCount, "counts", counts)
        .disjoint("rowCount", rowCount, "rows", rows);
  }

  void zeroRows(Tensor rows, Tensor rowCount, Tensor table) {
    check
        .of("zero_rows")
        .dtype("rows", rows, I32)
        .vector("rowCount", rowCount, I32, 1)
        .dtype("table", table, F32)
        .disjoint("table", table, "rows", rows)
        .disjoint("table", table, "rowCount", rowCount);
  }
}
