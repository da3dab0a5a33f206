// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Predicate;
import org.mneme.compute.UserException;

/**
 * Refuses options of a {@code tokenizer.json} that would change how text is encoded or decoded and
 * are not honoured here, and options that are not known.
 */
final class TokenizerOptions {

  private static final Set<String> ROOT =
      Set.of(
          "version",
          "truncation",
          "padding",
          "added_tokens",
          "normalizer",
          "pre_tokenizer",
          "post_processor",
          "decoder",
          "model");
  private static final Set<String> BYTE_LEVEL =
      Set.of("type", "add_prefix_space", "trim_offsets", "use_regex");
  private static final Set<String> MODEL =
      Set.of(
          "type",
          "dropout",
          "unk_token",
          "continuing_subword_prefix",
          "end_of_word_suffix",
          "fuse_unk",
          "byte_fallback",
          "ignore_merges",
          "vocab",
          "merges");

  private final Path file;
  private final JsonNode root;

  private TokenizerOptions(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Checks all options.
   *
   * @throws UserException naming the option, the value found and the one expected
   */
  static void check(Path file, JsonNode root) {
    new TokenizerOptions(file, root).check();
  }

  private void check() {
    requireText("/model/type", "BPE");
    requireText("/pre_tokenizer/type", "ByteLevel");
    requireText("/decoder/type", "ByteLevel");
    requireKeys("", ROOT);
    requireKeys("/model", MODEL);
    requireKeys("/pre_tokenizer", BYTE_LEVEL);
    requireKeys("/decoder", BYTE_LEVEL);
    require("/version", n -> isAbsent(n) || n.asText().equals("1.0"), "\"1.0\"");
    requireAbsent("/truncation");
    requireAbsent("/padding");
    requireAbsent("/normalizer");
    // Offsets are not used, so that trim_offsets changes nothing; a decoder ignores all its flags.
    require("/pre_tokenizer/add_prefix_space", n -> n.isBoolean() && !n.booleanValue(), "false");
    require("/pre_tokenizer/use_regex", n -> isAbsent(n) || n.booleanValue(), "true");
    requirePostProcessor();
    require("/model/dropout", n -> isAbsent(n) || isZero(n), "null or 0");
    requireEmpty("/model/continuing_subword_prefix");
    requireEmpty("/model/end_of_word_suffix");
    // All 256 bytes are in the vocabulary, so that no text is unknown.
    require("/model/unk_token", n -> isAbsent(n) || n.isTextual(), "null or a token");
    requireFalse("/model/fuse_unk");
    requireFalse("/model/byte_fallback");
    requireFalse("/model/ignore_merges");
  }

  /** One of ByteLevel only trims offsets; one that adds tokens would add them twice. */
  private void requirePostProcessor() {
    require(
        "/post_processor",
        n -> isAbsent(n) || n.path("type").asText().equals("ByteLevel"),
        "null or \"ByteLevel\": begin and end are added by the training");
  }

  private void requireKeys(String pointer, Set<String> known) {
    for (Iterator<String> names = root.at(pointer).fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        JsonNode found = root.at(pointer).get(name);
        throw unexpected(file, pointer + "/" + name, found, "nothing: the option is not known");
      }
    }
  }

  private void requireText(String pointer, String expected) {
    require(pointer, n -> n.asText().equals(expected), "\"" + expected + "\"");
  }

  private void requireAbsent(String pointer) {
    require(pointer, TokenizerOptions::isAbsent, "null");
  }

  private void requireEmpty(String pointer) {
    require(pointer, n -> isAbsent(n) || (n.isTextual() && n.asText().isEmpty()), "null or \"\"");
  }

  private void requireFalse(String pointer) {
    require(pointer, n -> isAbsent(n) || (n.isBoolean() && !n.booleanValue()), "false");
  }

  private void require(String pointer, Predicate<JsonNode> good, String expected) {
    JsonNode node = root.at(pointer);
    if (!good.test(node)) {
      throw unexpected(file, pointer, node, expected);
    }
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static boolean isZero(JsonNode node) {
    return node.isNumber() && node.doubleValue() == 0;
  }

  /** Returns the error of a value that is not what it must be. */
  static UserException unexpected(Path file, String pointer, JsonNode found, String expected) {
    String what = found instanceof MissingNode ? "nothing" : abbreviate(found.toString());
    return new UserException(
        file
            + ": found "
            + what
            + " at "
            + abbreviate(pointer)
            + ", expected "
            + expected
            + ": only byte-level BPE is read");
  }

  private static String abbreviate(String json) {
    return json.length() <= 60 ? json : json.substring(0, 60) + "...";
  }
}
