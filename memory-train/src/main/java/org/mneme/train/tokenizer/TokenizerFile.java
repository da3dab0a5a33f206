// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mneme.compute.UserException;
import org.mneme.model.io.FileFault;

/**
 * The contents of a {@code tokenizer.json} with byte-level BPE.
 *
 * <p>Every option of the format that changes how text is encoded or decoded is honoured, or refused
 * by its name and the value found ({@link TokenizerOptions}); ids are 0 to n−1, each once ({@link
 * TokenizerIds}). Nothing else reaches the native library: it gets {@link #checked()}, since some
 * files that it cannot use end the process instead of throwing.
 *
 * @param content the file itself
 * @param checked JSON for the native library, made of what was checked
 * @param sha256 SHA-256 of the file
 * @param vocabulary id of every token that stands for text
 * @param merges left and right token of every merge
 * @param added id of every added token, all of them special
 */
record TokenizerFile(
    ByteSource content,
    ByteSource checked,
    HashCode sha256,
    Map<String, Integer> vocabulary,
    List<String[]> merges,
    Map<String, Integer> added) {

  /** Large vocabularies have 20 MB. */
  private static final int MOST_BYTES = 1 << 26;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNameLength(MOST_BYTES)
                          .maxStringLength(MOST_BYTES)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Reads a file, or the {@code tokenizer.json} of a directory. */
  static TokenizerFile read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    if (!Files.exists(file)) {
      throw new UserException(file + ": no such file; expected a Hugging Face tokenizer.json");
    }
    try {
      requireSize(file);
      byte[] bytes = Files.readAllBytes(file);
      JsonNode root = JSON.readTree(bytes);
      return parse(file, bytes, root);
    } catch (JsonProcessingException e) {
      throw new UserException(
          file + ": not JSON, or a name twice in one object, or nested too deep" + place(e), e);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "read", e);
    }
  }

  /** The message of the library names its classes and its own representation of the file. */
  private static String place(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    return location == null
        ? ""
        : ", at line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  private static void requireSize(Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes > MOST_BYTES) {
      throw new UserException(
          file + ": expected a tokenizer.json of at most " + MOST_BYTES + " bytes, got " + bytes);
    }
  }

  private static TokenizerFile parse(Path file, byte[] bytes, JsonNode root) throws IOException {
    TokenizerOptions.check(file, root);
    TokenizerIds ids = TokenizerIds.read(file, root);
    return new TokenizerFile(
        ByteSource.wrap(bytes),
        ByteSource.wrap(JSON.writeValueAsBytes(ids.checked())),
        Hashing.sha256().hashBytes(bytes),
        ids.vocabulary(),
        ids.merges(),
        ids.added());
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

  /** Returns the number of ids. */
  int size() {
    return (int)
        (vocabulary.size()
            + added.keySet().stream().filter(t -> !vocabulary.containsKey(t)).count());
  }
}
