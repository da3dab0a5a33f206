// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import com.google.common.base.Splitter;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where in JSON the sentences stand: under a path of keys, or under the keys of published files.
 * Arrays on the way are passed through, so that {@code target.sentence} finds all sentences of
 * {@code [{"target": [{"sentence": "…"}, …]}, …]}.
 *
 * @param path keys from the outside in; empty for the published ones
 */
record SentenceFields(List<String> path) {

  /**
   * Keys of published knowledge files, at any depth. Of an object the first one that it has counts.
   */
  static final List<String> PUBLISHED = List.of("sentence", "text", "target", "sentences");

  /** Reads "a.b"; "" stands for the published keys. */
  static SentenceFields of(String field) {
    return new SentenceFields(field.isEmpty() ? List.of() : Splitter.on('.').splitToList(field));
  }

  /**
   * Whether what stands under a key is looked at.
   *
   * @param depth how many objects are open, 1 for the outermost
   */
  boolean isWanted(String key, int depth) {
    return path.isEmpty()
        ? PUBLISHED.contains(key)
        : depth <= path.size() && path.get(depth - 1).equals(key);
  }

  /** Whether a string within {@code depth} objects is a sentence. */
  boolean isSentence(int depth) {
    return path.isEmpty() || depth == path.size();
  }

  /** What is looked for, for messages. */
  @Override
  public String toString() {
    if (!path.isEmpty()) {
      return "JSON objects with a string \"" + String.join(".", path) + "\", in UTF-8";
    }
    return PUBLISHED.stream()
        .map(key -> "\"" + key + "\"")
        .collect(Collectors.joining(", ", "JSON strings, or objects with one of ", ", in UTF-8"));
  }
}
