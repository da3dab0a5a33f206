// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import java.util.Arrays;
import org.mneme.compute.Device;
import org.mneme.model.TextLengths;

/**
 * Sequences with their next tokens. Row b, position t is at index {@code b * sequence + t}; its
 * target is the token that follows its input in the text.
 *
 * @param inputIds ids, [batch, sequence]; padding where there is no text
 * @param sources numbers of the places of the text at which the inputs stand, [batch, sequence]:
 *     the same for a place whenever it is read, and 0 where that is not known
 * @param targets ids, [batch, sequence], or {@link #MASKED} where nothing is to be predicted
 * @param batch number of sequences
 * @param sequence positions of a sequence
 * @param targetCount number of targets that are not masked
 * @param tokenCount number of inputs that are not padding
 * @param lengths inputs of each sequence that are not padding, from its beginning [batch]
 */
// Arrays and no lists: they go to the device as they are.
@SuppressWarnings("ArrayRecordComponent")
public record Batch(
    int[] inputIds,
    int[] sources,
    int[] targets,
    int batch,
    int sequence,
    int targetCount,
    int tokenCount,
    int[] lengths) {

  /** A target that counts for nothing in the loss. */
  public static final int MASKED = -100;

  /** Sequences without padding of which it is not known where they stand. */
  public Batch(
      int[] inputIds, int[] targets, int batch, int sequence, int targetCount, int tokenCount) {
    this(
        inputIds,
        new int[inputIds.length],
        targets,
        batch,
        sequence,
        targetCount,
        tokenCount,
        filled(batch, sequence));
  }

  /** Returns the same text without positions that the device need not compute. */
  public Batch shortened(Device device) {
    int computed = TextLengths.computed(device, lengths, sequence);
    return new Batch(
        TextLengths.shortened(inputIds, sequence, computed),
        TextLengths.shortened(sources, sequence, computed),
        TextLengths.shortened(targets, sequence, computed),
        batch,
        computed,
        targetCount,
        tokenCount,
        lengths);
  }

  private static int[] filled(int batch, int sequence) {
    int[] lengths = new int[batch];
    Arrays.fill(lengths, sequence);
    return lengths;
  }
}
