// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.mneme.model.TextCodec;

/** A tokenizer for tests: "a" is 3, "b" is 4 and so on, after padding 0, begin 1 and end 2. */
record Letters(int vocabularySize) implements TextCodec, TokenEncoder {

  static final int PAD = 0;
  static final int BEGIN = 1;
  static final int END = 2;

  Letters() {
    this(29);
  }

  @Override
  public int[] encode(String text) {
    return text.chars().map(c -> c - 'a' + 3).toArray();
  }

  @Override
  public List<int[]> encode(List<String> texts) {
    return texts.stream().map(this::encode).toList();
  }

  @Override
  public String decode(int[] ids) {
    return Arrays.stream(ids)
        .filter(id -> id > END)
        .mapToObj(id -> String.valueOf((char) (id - 3 + 'a')))
        .collect(Collectors.joining());
  }

  @Override
  public int beginId() {
    return BEGIN;
  }

  @Override
  public int endId() {
    return END;
  }

  @Override
  public int padId() {
    return PAD;
  }

  @Override
  public HashCode sha256() {
    return Hashing.sha256().hashString("letters" + vocabularySize, StandardCharsets.UTF_8);
  }

  static DocumentSource source(String... texts) {
    return DocumentSource.of("letters", Arrays.stream(texts).map(Document::new).toList());
  }
}
