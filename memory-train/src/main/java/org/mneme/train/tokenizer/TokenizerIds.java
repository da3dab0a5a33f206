// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mneme.compute.UserException;

/**
 * The tokens, ids and merges of a {@code tokenizer.json}.
 *
 * @param vocabulary id of every token of the model
 * @param merges left and right token of every merge
 * @param added id of every added token
 */
record TokenizerIds(
    Map<String, Integer> vocabulary, List<String[]> merges, Map<String, Integer> added) {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Set<String> ADDED =
      Set.of("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");

  /**
   * Reads and checks them.
   *
   * @throws UserException where ids are not 0 to n−1, each once, where a merge is not of tokens and
   *     to a token, or where an added token would be found in text in another way than its name
   */
  static TokenizerIds read(Path file, JsonNode root) {
    TokenizerIds ids =
        new TokenizerIds(vocabulary(file, root), merges(file, root), added(file, root));
    ids.checkIds(file);
    ids.checkMerges(file);
    return ids;
  }

  private static Map<String, Integer> vocabulary(Path file, JsonNode root) {
    JsonNode vocab = root.at("/model/vocab");
    if (!vocab.isObject()) {
      throw TokenizerOptions.unexpected(file, "/model/vocab", vocab, "an object");
    }
    Map<String, Integer> ids = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : vocab.properties()) {
      String pointer = "/model/vocab/" + field.getKey();
      if (field.getKey().isEmpty()) {
        throw TokenizerOptions.unexpected(file, pointer, field.getValue(), "a token's text");
      }
      ids.put(field.getKey(), id(file, pointer, field.getValue()));
    }
    return Map.copyOf(ids);
  }

  private static int id(Path file, String pointer, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
      throw TokenizerOptions.unexpected(file, pointer, id, "an id from 0");
    }
    return id.intValue();
  }

  /** Reads merges in both of the forms that are in use: "a b" and ["a", "b"]. */
  private static List<String[]> merges(Path file, JsonNode root) {
    List<String[]> merges = new ArrayList<>();
    for (JsonNode merge : array(file, root, "/model/merges")) {
      String[] pair = pair(merge);
      if (pair.length != 2) {
        String pointer = "/model/merges/" + merges.size();
        throw TokenizerOptions.unexpected(file, pointer, merge, "two tokens");
      }
      merges.add(pair);
    }
    return List.copyOf(merges);
  }

  private static String[] pair(JsonNode merge) {
    if (merge.isTextual()) {
      return merge.textValue().split(" ", -1);
    }
    boolean two = merge.size() == 2 && merge.path(0).isTextual() && merge.path(1).isTextual();
    return two ? new String[] {merge.get(0).textValue(), merge.get(1).textValue()} : new String[0];
  }

  private static Map<String, Integer> added(Path file, JsonNode root) {
    Map<String, Integer> added = new HashMap<>();
    int index = 0;
    for (JsonNode token : array(file, root, "/added_tokens")) {
      String pointer = "/added_tokens/" + index++;
      JsonNode content = token.path("content");
      if (!content.isTextual() || content.textValue().isEmpty()) {
        throw TokenizerOptions.unexpected(file, pointer + "/content", content, "a token's text");
      }
      checkFlags(file, pointer, token);
      if (added.put(content.textValue(), id(file, pointer + "/id", token.path("id"))) != null) {
        throw TokenizerOptions.unexpected(file, pointer + "/content", content, "each token once");
      }
    }
    return Map.copyOf(added);
  }

  /**
   * Text is never searched for added tokens, so that only special ones can be honoured, and no flag
   * of how they are searched. Without a normalizer {@code normalized} has no effect.
   */
  private static void checkFlags(Path file, String pointer, JsonNode token) {
    for (Map.Entry<String, JsonNode> flag : token.properties()) {
      if (!ADDED.contains(flag.getKey())) {
        throw TokenizerOptions.unexpected(
            file, pointer + "/" + flag.getKey(), flag.getValue(), "nothing: it is not known");
      }
    }
    if (!token.path("special").isBoolean() || !token.path("special").booleanValue()) {
      throw TokenizerOptions.unexpected(file, pointer + "/special", token.path("special"), "true");
    }
    for (String flag : List.of("single_word", "lstrip", "rstrip")) {
      JsonNode value = token.path(flag);
      if (!value.isMissingNode() && (!value.isBoolean() || value.booleanValue())) {
        throw TokenizerOptions.unexpected(file, pointer + "/" + flag, value, "false");
      }
    }
  }

  private static JsonNode array(Path file, JsonNode root, String pointer) {
    JsonNode node = root.at(pointer);
    if (!node.isArray()) {
      throw TokenizerOptions.unexpected(file, pointer, node, "an array");
    }
    return node;
  }

  /**
   * Models have a row for each id up to the highest, and decoding an id that no token has would
   * give nothing.
   */
  private void checkIds(Path file) {
    TreeMap<Integer, String> tokens = new TreeMap<>();
    vocabulary.forEach((token, id) -> own(file, tokens, token, id));
    added.forEach((token, id) -> own(file, tokens, token, id));
    int expected = 0;
    for (int id : tokens.keySet()) {
      if (id != expected) {
        throw new UserException(
            String.format(
                Locale.ROOT,
                "%s: no token has the id %d, but the highest id is %d, of \"%s\"; expected ids"
                    + " from 0 without a gap",
                file,
                expected,
                tokens.lastKey(),
                tokens.lastEntry().getValue()));
      }
      expected++;
    }
  }

  private void own(Path file, Map<Integer, String> tokens, String token, int id) {
    Integer own = vocabulary.getOrDefault(token, id);
    String other = tokens.put(id, token);
    if (own != id || (other != null && !other.equals(token))) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "%s: the token \"%s\" has the id %d, and %s; expected one token for each id",
              file,
              token,
              id,
              own != id ? "in /model/vocab " + own : "so has \"" + other + "\""));
    }
  }

  private void checkMerges(Path file) {
    Set<List<String>> seen = new HashSet<>();
    for (int i = 0; i < merges.size(); i++) {
      String[] merge = merges.get(i);
      String problem = seen.add(List.of(merge)) ? problem(merge) : "occurs twice";
      if (problem != null) {
        throw new UserException(
            String.format(
                Locale.ROOT,
                "%s: \"%s %s\" at /model/merges/%d: %s",
                file,
                merge[0],
                merge[1],
                i,
                problem));
      }
    }
  }

  private String problem(String[] merge) {
    String merged = merge[0] + merge[1];
    for (String token : new String[] {merge[0], merge[1], merged}) {
      if (!vocabulary.containsKey(token)) {
        return "the vocabulary has no token \"" + token + "\"";
      }
    }
    return added.containsKey(merged) ? "makes a special token of text" : null;
  }

  /** Returns a {@code tokenizer.json} of these tokens and merges, with no other option set. */
  ObjectNode checked() {
    ObjectNode root = TokenizerJson.frame(addedTokens());
    ObjectNode model = (ObjectNode) root.get("model");
    ObjectNode vocab = model.putObject("vocab");
    vocabulary.forEach(vocab::put);
    added.forEach(vocab::put);
    ArrayNode pairs = model.putArray("merges");
    merges.forEach(merge -> pairs.addArray().add(merge[0]).add(merge[1]));
    return root;
  }

  private ArrayNode addedTokens() {
    ArrayNode tokens = NODES.arrayNode();
    added.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(token -> TokenizerJson.addSpecial(tokens, token.getKey(), token.getValue()));
    return tokens;
  }
}
