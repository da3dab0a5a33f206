// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

/** Checks of batches of token ids. */
final class TokenBatches {
  private TokenBatches() {}

  static void check(
      String argument, int[] ids, int batch, int sequence, int vocabulary, boolean maskable) {
    if (ids.length != (long) batch * sequence) {
      throw new IllegalArgumentException(
          argument + " has " + ids.length + " ids, wanted " + batch + " x " + sequence);
    }
    for (int i = 0; i < ids.length; i++) {
      boolean masked = maskable && ids[i] == TrainingPass.MASKED;
      if (!masked && (ids[i] < 0 || ids[i] >= vocabulary)) {
        throw new IllegalArgumentException(
            argument
                + "["
                + i / sequence
                + ", "
                + i % sequence
                + "] is "
                + ids[i]
                + ", wanted 0 to "
                + (vocabulary - 1)
                + (maskable ? " or " + TrainingPass.MASKED : ""));
      }
    }
  }
}
