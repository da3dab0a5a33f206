// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mneme.train.data.document.SourceTexts.texts;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentSourceTest {

  private final DocumentSource letters = source("a", "b", "c");
  private final DocumentSource digits = source("1", "2");

  @Test
  void readsWhatTheProgramGives() {
    assertThat(texts(letters)).containsExactly("a", "b", "c");
    assertThat(texts(letters)).containsExactly("a", "b", "c");
  }

  @Test
  void limits() {
    assertThat(texts(letters.limit(2))).containsExactly("a", "b");
    assertThat(texts(letters.limit(9))).containsExactly("a", "b", "c");
    assertThatThrownBy(() -> letters.limit(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void concatenates() {
    DocumentSource empty = source();
    assertThat(texts(DocumentSource.concat(List.of(empty, letters, empty, digits))))
        .containsExactly("a", "b", "c", "1", "2");
    assertThat(DocumentSource.concat(List.of(letters))).isSameAs(letters);
  }

  @Test
  void hashesDependOnTextAndItsDivision() {
    assertThat(source("ab", "c").sha256()).isEqualTo(source("ab", "c").sha256());
    assertThat(source("ab", "c").sha256()).isNotEqualTo(source("a", "bc").sha256());
    assertThat(letters.limit(2).sha256())
        .isNotEqualTo(letters.limit(1).sha256())
        .isNotEqualTo(letters.sha256());
    assertThat(DocumentSource.concat(List.of(letters, digits)).sha256())
        .isNotEqualTo(DocumentSource.concat(List.of(digits, letters)).sha256());
  }

  private static DocumentSource source(String... texts) {
    return DocumentSource.of("test", Stream.of(texts).map(Document::new).toList());
  }
}
