// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import java.util.Locale;
import org.mneme.model.TrainingPass;

/**
 * Sequences with their next tokens, ready for a model. Row b, position t is at index {@code b *
 * sequence + t}. The arrays are not copied: they must not change while the batch is in use.
 */
public final class TokenBatch {
  /**
   * The target of a position that does not count: it has neither a loss nor a use of the memory.
   */
  public static final int MASKED = TrainingPass.MASKED;

  private final int[] ids;
  private final int[] targets;
  private final int batch;
  private final int sequence;

  /**
   * A batch of given arrays.
   *
   * @param ids inputs [batch, sequence]
   * @param targets next tokens [batch, sequence], or {@value #MASKED}
   * @throws IllegalArgumentException if an array is not of that size
   */
  public TokenBatch(int[] ids, int[] targets, int batch, int sequence) {
    require("ids", ids.length, batch, sequence);
    require("targets", targets.length, batch, sequence);
    this.ids = ids;
    this.targets = targets;
    this.batch = batch;
    this.sequence = sequence;
  }

  private static void require(String argument, int length, int batch, int sequence) {
    if (batch < 1 || sequence < 1 || length != (long) batch * sequence) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: found %d elements for batch %d and sequence %d, expected batch * sequence >= 1",
              argument,
              length,
              batch,
              sequence));
    }
  }

  /** The inputs [batch, sequence]; the array itself. */
  public int[] ids() {
    return ids;
  }

  /** The next tokens [batch, sequence]; the array itself. */
  public int[] targets() {
    return targets;
  }

  /** The number of sequences. */
  public int batch() {
    return batch;
  }

  /** The positions of a sequence. */
  public int sequence() {
    return sequence;
  }

  /** Whether the position of this index has a target. */
  public boolean counts(int index) {
    return targets[index] != MASKED;
  }

  /** The number of positions that have a target. */
  public int targetCount() {
    int count = 0;
    for (int target : targets) {
      count += target == MASKED ? 0 : 1;
    }
    return count;
  }
}
