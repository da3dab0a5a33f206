// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Where in the data a training is: what a checkpoint keeps, so that it goes on with the very next
 * sequence.
 *
 * @param epoch passes completed, from 0
 * @param index sequences of the present pass that were handed out
 */
public record DataPosition(long epoch, long index) {

  /** Before the first sequence. */
  public static final DataPosition START = new DataPosition(0, 0);

  /** Checks that neither is negative. */
  public DataPosition {
    checkArgument(epoch >= 0, "epoch: expected 0 or more, got %s", epoch);
    checkArgument(index >= 0, "index: expected 0 or more, got %s", index);
  }
}
