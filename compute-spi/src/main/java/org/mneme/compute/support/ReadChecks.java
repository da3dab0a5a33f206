// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;

/** Checks of the operations that read memory entries and of their gradients. */
final class ReadChecks {
  private static final String QUERIES = "[positions, heads, width of a read]";

  private final ArgumentCheck check;

  ReadChecks(ArgumentCheck check) {
    this.check = check;
  }

  private static long width(Tensor tensor) {
    return tensor.shape().columns();
  }

  private static long height(Tensor tensor) {
    return tensor.shape().rows();
  }

  void gatherRows(Tensor table, Tensor indices, Tensor out) {
    check
        .of("gather_rows")
        .tensor("table", table)
        .tensor("out", out)
        .dtype("indices", indices, I32)
        .matrix("out", out, gathered(table, out), indices.elementCount(), width(table))
        .disjoint("out", out, "table", table)
        .disjoint("out", out, "indices", indices);
  }

  /** What a gather writes: the dtype of the table, or BF16 where that is asked of an F32 table. */
  private static DType gathered(Tensor table, Tensor out) {
    boolean narrowed = table.dtype() == F32 && out.dtype() == DType.BF16;
    return narrowed ? DType.BF16 : table.dtype();
  }

  void scatterRows(Tensor rows, Tensor indices, Tensor table) {
    check.of("scatter_rows").tensor("table", table);
    rows(rows, indices, table.dtype(), table);
  }

  void scatterAddRows(Tensor rows, Tensor indices, Tensor table) {
    check.of("scatter_add_rows").dtype("table", table, F32).floating("rows", rows);
    rows(rows, indices, rows.dtype(), table);
  }

  void blendRows(Tensor rows, Tensor indices, float keep, Tensor table) {
    check.of("blend_rows").dtype("table", table, F32);
    rows(rows, indices, F32, table);
    check.that(keep >= 0 && keep <= 1, "keep", keep, "0 to 1");
  }

  private void rows(Tensor rows, Tensor indices, DType dtype, Tensor table) {
    check
        .dtype("indices", indices, I32)
        .matrix("rows", rows, dtype, indices.elementCount(), width(table))
        .disjoint("table", table, "rows", rows)
        .disjoint("table", table, "indices", indices);
  }

  void decodeTokenMemory(Tensor embeddings, Tensor bank, Tensor indices, Tensor out) {
    check
        .of("decode_token_memory")
        .floating("embeddings", embeddings)
        .dtype("bank", bank, I32)
        .dtype("indices", indices, I32)
        .matrix("out", out, embeddings.dtype(), indices.elementCount(), width(embeddings))
        .disjoint("out", out, "embeddings", embeddings);
  }

  void decodeTokenMemoryBackward(Tensor dOut, Tensor bank, Tensor indices, Tensor dEmbeddings) {
    check
        .of("decode_token_memory_backward")
        .floating("dOut", dOut)
        .dtype("bank", bank, I32)
        .dtype("indices", indices, I32)
        .dtype("dEmbeddings", dEmbeddings, F32)
        .matrix("dOut", dOut, dOut.dtype(), indices.elementCount(), width(dEmbeddings))
        .disjoint("dEmbeddings", dEmbeddings, "dOut", dOut);
  }

  /** The entries of each position and their weights. */
  private void reads(Tensor reads, Tensor weights) {
    check
        .dtype("weights", weights, F32)
        .floating("reads", reads)
        .cube("reads", reads, reads.dtype(), height(weights), width(weights), width(reads));
  }

  void weightedSum(Tensor reads, Tensor weights, Tensor out) {
    check.of("weighted_sum");
    reads(reads, weights);
    check
        .matrix("out", out, reads.dtype(), height(weights), width(reads))
        .disjoint("out", out, "reads", reads);
  }

  void weightedSumBackward(
      Tensor dOut, Tensor reads, Tensor weights, Tensor dReads, Tensor dLogWeights) {
    check.of("weighted_sum_backward");
    reads(reads, weights);
    check
        .matrix("dOut", dOut, reads.dtype(), height(weights), width(reads))
        .cube("dReads", dReads, reads.dtype(), height(weights), width(weights), width(reads))
        .matrix("dLogWeights", dLogWeights, F32, height(weights), width(weights))
        .inPlace("dReads", dReads, "reads", reads)
        .disjoint("dReads", dReads, "dOut", dOut)
        .disjoint("dLogWeights", dLogWeights, "weights", weights);
  }

  void embeddingBag(Tensor table, Tensor indices, Tensor weights, Tensor out) {
    check.of("embedding_bag");
    bag(table, indices, weights, "out", out);
    check
        .disjoint("out", out, "table", table)
        .disjoint("out", out, "indices", indices)
        .disjoint("out", out, "weights", weights);
  }

  /** The rows of each position, their weights, and their sum or its gradient. */
  private void bag(Tensor table, Tensor indices, Tensor weights, String name, Tensor sum) {
    check.floating("table", table).floating(name, sum).dtype("weights", weights, F32);
    check
        .matrix("indices", indices, I32, height(weights), width(weights))
        .matrix(name, sum, gathered(table, sum), height(weights), width(table));
  }

  void embeddingBagBackward(
      Tensor dOut,
      Tensor table,
      Tensor indices,
      Tensor weights,
      Tensor dTable,
      Tensor dLogWeights) {
    check.of("embedding_bag_backward");
    bag(table, indices, weights, "dOut", dOut);
    check
        .matrix("dLogWeights", dLogWeights, F32, height(weights), width(weights))
        .disjoint("dLogWeights", dLogWeights, "dOut", dOut)
        .disjoint("dLogWeights", dLogWeights, "weights", weights);
    if (dTable != null) {
      check
          .matrix("dTable", dTable, F32, height(table), width(table))
          .disjoint("dTable", dTable, "dOut", dOut)
          .disjoint("dTable", dTable, "table", table)
          .disjoint("dTable", dTable, "dLogWeights", dLogWeights);
    }
  }

  /** Queries of H ≥ 1 heads for each position. */
  private void heads(Tensor queries, Tensor reads, Tensor weights, Tensor probabilities) {
    reads(reads, weights);
    long positions = height(weights);
    check.dtype("queries", queries, reads.dtype()).rank("queries", queries, 3, QUERIES);
    long heads = queries.shape().extent(1);
    check
        .shapeThat(
            queries.shape().extent(0) == positions && width(queries) == width(reads) && heads >= 1,
            "queries",
            queries,
            QUERIES)
        .cube("probabilities", probabilities, F32, positions, heads, width(weights));
  }

  private void likeQueries(String name, Tensor tensor, Tensor queries) {
    check.matrix(name, tensor, queries.dtype(), height(queries), width(queries));
  }

  void entryAttention(
      Tensor queries, Tensor reads, Tensor weights, Tensor out, Tensor probabilities) {
    check.of("entry_attention");
    heads(queries, reads, weights, probabilities);
    likeQueries("out", out, queries);
    check
        .disjoint("out", out, "queries", queries)
        .disjoint("out", out, "reads", reads)
        .disjoint("probabilities", probabilities, "weights", weights);
  }

  void entryAttentionBackward(
      Tensor dOut,
      Tensor queries,
      Tensor reads,
      Tensor weights,
      Tensor probabilities,
      Tensor dQueries,
      Tensor dReads,
      Tensor dLogWeights) {
    check.of("entry_attention_backward");
    heads(queries, reads, weights, probabilities);
    likeQueries("dOut", dOut, queries);
    likeQueries("dQueries", dQueries, queries);
    check
        .cube("dReads", dReads, reads.dtype(), height(weights), width(weights), width(reads))
        .matrix("dLogWeights", dLogWeights, F32, height(weights), width(weights))
        .inPlace("dQueries", dQueries, "queries", queries)
        .disjoint("dQueries", dQueries, "dOut", dOut)
        .disjoint("dReads", dReads, "reads", reads)
        .disjoint("dReads", dReads, "dOut", dOut)
        .disjoint("dReads", dReads, "dQueries", dQueries)
        .disjoint("dLogWeights", dLogWeights, "weights", weights);
  }
}
