// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;

/**
 * How documents become batches.
 *
 * @param form how documents fill sequences
 * @param batchSize sequences of a batch
 * @param sequenceLength positions of a sequence, each with an input and a target
 * @param shuffle whether every epoch has its own random order; else the order is that of the shard
 * @param seed what the orders depend on
 */
public record BatchConfig(
    Form form, int batchSize, int sequenceLength, boolean shuffle, long seed) {

  /** How documents fill sequences. */
  public enum Form {
    /**
     * One document a sequence, as published: begin, tokens, end, cut off at the right where they
     * are too long, padded where they are too short.
     */
    PADDED,
    /** Documents one after the other, each with begin and end, cut where a sequence is full. */
    PACKED
  }

  /** Checks the ranges. */
  public BatchConfig {
    Objects.requireNonNull(form, "form");
    checkArgument(batchSize >= 1, "batchSize is %s, expected at least 1", batchSize);
    checkArgument(sequenceLength >= 1, "sequenceLength is %s, expected at least 1", sequenceLength);
    checkArgument(
        (long) batchSize * sequenceLength <= Integer.MAX_VALUE - 8,
        "batchSize %s times sequenceLength %s is too much for one array",
        batchSize,
        sequenceLength);
  }

  /** Returns the same in the order of the shard, as for validation. */
  public BatchConfig ordered() {
    return new BatchConfig(form, batchSize, sequenceLength, false, seed);
  }
}
