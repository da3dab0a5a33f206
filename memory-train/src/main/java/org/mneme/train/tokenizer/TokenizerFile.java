// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.mneme.compute.UserException;

/**
 * What a {@code tokenizer.json} with byte-level BPE says.
 *
 * @param content the file itself
 * @param sha256 SHA-256 of the file
 * @param vocabulary id of every token that stands for text
 * @param merges left and right token of every merge
 * @param added id of every added token, special or not
 */
record TokenizerFile(
    ByteSource content,
    HashCode sha256,
    Map<String, Integer> vocabulary,
    List<String[]> merges,
    Map<String, Integer> added) {

  /** Reads a file, or the {@code tokenizer.json} of a directory. */
  static TokenizerFile read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    if (!Files.exists(file)) {
      throw new UserException(file + ": no such file; expected a Hugging Face tokenizer.json");
    }
    try {
      byte[] bytes = Files.readAllBytes(file);
      return parse(file, bytes, new ObjectMapper().readTree(bytes));
    } catch (JsonProcessingException e) {
      throw new UserException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static TokenizerFile parse(Path file, byte[] bytes, JsonNode root) {
    requireText(file, root, "/model/type", "BPE");
    requireText(file, root, "/pre_tokenizer/type", "ByteLevel");
    requireFlag(file, root, "/pre_tokenizer/add_prefix_space", true, false);
    requireFlag(file, root, "/pre_tokenizer/use_regex", true, true);
    requireFlag(file, root, "/model/ignore_merges", false, false);
    JsonNode normalizer = root.path("normalizer");
    if (!normalizer.isMissingNode() && !normalizer.isNull()) {
      throw unexpected(file, "/normalizer", normalizer, "null");
    }
    Map<String, Integer> added = new HashMap<>();
    for (JsonNode token : array(file, root, "/added_tokens")) {
      added.put(token.path("content").asText(), token.path("id").asInt());
    }
    return new TokenizerFile(
        ByteSource.wrap(bytes),
        Hashing.sha256().hashBytes(bytes),
        vocabulary(file, root),
        merges(file, root),
        Map.copyOf(added));
  }

  private static Map<String, Integer> vocabulary(Path file, JsonNode root) {
    JsonNode vocab = root.at("/model/vocab");
    if (!vocab.isObject()) {
      throw unexpected(file, "/model/vocab", vocab, "an object");
    }
    Map<String, Integer> ids = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : vocab.properties()) {
      JsonNode id = field.getValue();
      if (!id.canConvertToInt() || id.asInt() < 0) {
        throw unexpected(file, "/model/vocab/" + field.getKey(), id, "an id from 0");
      }
      ids.put(field.getKey(), id.asInt());
    }
    return Map.copyOf(ids);
  }

  /** Reads merges in both of the forms that are in use: "a b" and ["a", "b"]. */
  private static List<String[]> merges(Path file, JsonNode root) {
    List<String[]> merges = new ArrayList<>();
    for (JsonNode merge : array(file, root, "/model/merges")) {
      String[] pair =
          merge.isArray() && merge.size() == 2
              ? new String[] {merge.get(0).asText(), merge.get(1).asText()}
              : merge.asText().split(" ", -1);
      if (pair.length != 2) {
        throw unexpected(file, "/model/merges/" + merges.size(), merge, "two tokens");
      }
      merges.add(pair);
    }
    return List.copyOf(merges);
  }

  private static JsonNode array(Path file, JsonNode root, String pointer) {
    JsonNode node = root.at(pointer);
    if (!node.isArray()) {
      throw unexpected(file, pointer, node, "an array");
    }
    return node;
  }

  private static void requireText(Path file, JsonNode root, String pointer, String expected) {
    JsonNode node = root.at(pointer);
    if (!node.asText().equals(expected)) {
      throw unexpected(file, pointer, node, "\"" + expected + "\"");
    }
  }

  private static void requireFlag(
      Path file, JsonNode root, String pointer, boolean whenAbsent, boolean expected) {
    JsonNode node = root.at(pointer);
    if (node.asBoolean(whenAbsent) != expected) {
      throw unexpected(file, pointer, node, String.valueOf(expected));
    }
  }

  private static UserException unexpected(
      Path file, String pointer, JsonNode found, String expected) {
    String what = found.isMissingNode() ? "nothing" : abbreviate(found.toString());
    return new UserException(
        String.format(
            "%s: found %s at %s, expected %s: only byte-level BPE is read",
            file, what, pointer, expected));
  }

  private static String abbreviate(String json) {
    return json.length() <= 60 ? json : json.substring(0, 60) + "...";
  }

  /** Returns the id of a special token. */
  int special(Path path, String content) {
    Integer id = added.get(content);
    if (id == null) {
      throw new UserException(
          path + ": has no special token \"" + content + "\"; it has " + added.keySet());
    }
    return id;
  }

  /** Returns one more than the highest id. */
  int size() {
    int highest = -1;
    for (int id : vocabulary.values()) {
      highest = Math.max(highest, id);
    }
    for (int id : added.values()) {
      highest = Math.max(highest, id);
    }
    return highest + 1;
  }
}
