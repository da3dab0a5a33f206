// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

import java.util.ArrayList;
import java.util.List;

/** What a source gives, for tests. */
public final class SourceTexts {
  private SourceTexts() {}

  /** The texts of one pass. */
  public static List<String> texts(DocumentSource source) {
    List<String> texts = new ArrayList<>();
    try (DocumentCursor cursor = source.open()) {
      cursor.forEachRemaining(document -> texts.add(document.text()));
    }
    return texts;
  }
}
