// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.reference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The flat search on a case small enough to follow by hand. */
class ProductKeyReferenceTest {
  private final ProductKeyReference gate = new ProductKeyReference(1, 1, 3, 1, 4);

  /** Scores 1, 3, 3 and 0, 2, 1: the sums are 1 3 2 | 3 5 4 | 3 5 4. */
  private final double[] scores = gate.scores(new double[] {1, 1}, new double[] {1, 3, 3, 0, 2, 1});

  @Test
  void bestSumsFirstAndTiesByLowerIndex() {
    assertThat(scores).containsExactly(1, 3, 3, 0, 2, 1);
    assertThat(gate.indices(scores)).containsExactly(4, 7, 5, 8);
    assertThat(gate.sums(scores, gate.indices(scores))).containsExactly(5, 5, 4, 4);
    assertThat(gate.margins(scores)).containsExactly(0);
  }

  @Test
  void sharesCountTheSubKeys() {
    assertThat(gate.share(gate.indices(scores))).containsExactly(0, 0.5, 0.5, 0, 0.5, 0.5);
  }
}
