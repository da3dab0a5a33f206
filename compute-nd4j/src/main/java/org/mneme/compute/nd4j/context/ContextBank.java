// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.context;

import org.mneme.compute.nd4j.host.HostTensor;

/**
 * Entries with what is known of them.
 *
 * @param tokens [M, K]
 * @param owners to whose context each belongs [M]
 * @param votes [M]
 * @param origins from where its tokens were taken, 0 where that is not known [M]; may be null
 */
record ContextBank(HostTensor tokens, HostTensor owners, HostTensor votes, HostTensor origins) {
  /** K. */
  int places() {
    return Math.toIntExact(tokens.shape().columns());
  }
}
