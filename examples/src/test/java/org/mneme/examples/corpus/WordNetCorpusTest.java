// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordNetCorpusTest {
  @Test
  void holdsEverySetOfSynonyms() {
    WordNetCorpus corpus = WordNetCorpus.load();
    assertThat(corpus.entries()).hasSize(117_791);
    assertThat(corpus.entries())
        .anySatisfy(
            entry -> {
              assertThat(entry.words()).isEqualTo("lantern");
              assertThat(entry.definition()).isEqualTo("light in a transparent protective case");
              assertThat(entry.text()).isEqualTo("lantern: light in a transparent protective case");
            });
  }
}
