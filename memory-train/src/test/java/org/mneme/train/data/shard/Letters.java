// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.mneme.model.TextCodec;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;

/** A tokenizer for tests: "a" is 3, "b" is 4 and so on, after padding 0, begin 1 and end 2. */
public record Letters(int vocabularySize) implements TextCodec, TokenEncoder {

  /** Padding. */
  public static final int PAD = 0;

  /** Begin of a document. */
  public static final int BEGIN = 1;

  /** End of a document. */
  public static final int END = 2;

  /** With the letters from a to z. */
  public Letters() {
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

  /** Texts of these letters. */
  public static DocumentSource source(String... texts) {
    return DocumentSource.of("letters", Arrays.stream(texts).map(Document::new).toList());
  }
}
