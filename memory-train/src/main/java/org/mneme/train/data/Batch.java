// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

/**
 * Sequences with their next tokens. Row b, position t is at index {@code b * sequence + t}; its
 * target is the token that follows its input in the text.
 *
 * @param inputIds ids, [batch, sequence]; padding where there is no text
 * @param targets ids, [batch, sequence], or {@link #MASKED} where nothing is to be predicted
 * @param batch number of sequences
 * @param sequence positions of a sequence
 * @param targetCount number of targets that are not masked
 * @param tokenCount number of inputs that are not padding
 */
// Arrays and no lists: they go to the device as they are.
@SuppressWarnings("ArrayRecordComponent")
public record Batch(
    int[] inputIds, int[] targets, int batch, int sequence, int targetCount, int tokenCount) {

  /** A target that counts for nothing in the loss. */
  public static final int MASKED = -100;
}
