// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.mneme.model.TextCodec;

/** The texts of single tokens and of pieces of documents. */
public final class TokenTexts {
  private static final char REPLACEMENT = '\uFFFD';

  private final TextCodec codec;

  /** Texts by a tokenizer. */
  public TokenTexts(TextCodec codec) {
    this.codec = codec;
  }

  /** A token's text; the special ones, which have none, are named. */
  public String token(int id) {
    if (id < 0 || id >= codec.vocabularySize()) {
      return "‹" + id + "›";
    }
    String text = codec.decode(new int[] {id});
    return text.isEmpty() ? special(id) : text;
  }

  /** Returns the texts of tokens, each in quotation marks. */
  public String quoted(int... ids) {
    return Arrays.stream(ids)
        .mapToObj(id -> "\"" + token(id) + "\"")
        .collect(Collectors.joining(" "));
  }

  private String special(int id) {
    if (id == codec.beginId()) {
      return "‹begin›";
    }
    if (id == codec.endId()) {
      return "‹end›";
    }
    return id == codec.padId() ? "‹pad›" : "‹" + id + "›";
  }

  /** Many tokens decoded together; those that the tokenizer does not know are left out. */
  public String text(int... ids) {
    int[] known = Arrays.stream(ids).filter(this::isKnown).toArray();
    return codec.decode(known);
  }

  private boolean isKnown(int id) {
    return id >= 0 && id < codec.vocabularySize();
  }

  /** The text of a piece of a document, without the halves of characters cut at its ends. */
  String passage(int[] ids) {
    String text = codec.decode(ids);
    int begin = 0;
    int end = text.length();
    while (begin < end && text.charAt(begin) == REPLACEMENT) {
      begin++;
    }
    while (end > begin && text.charAt(end - 1) == REPLACEMENT) {
      end--;
    }
    return text.substring(begin, end);
  }
}
