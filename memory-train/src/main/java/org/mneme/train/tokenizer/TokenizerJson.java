// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;

/** The Hugging Face {@code tokenizer.json} of a trained vocabulary. */
record TokenizerJson(BpeVocabulary vocabulary) {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  void write(Path file) {
    try {
      AtomicFile.writeString(file, tree().toPrettyString() + "\n");
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
  }

  ObjectNode tree() {
    ArrayNode added = NODES.arrayNode();
    for (String token : vocabulary.specialTokens().inOrder()) {
      addSpecial(added, token, vocabulary.tokens().indexOf(token));
    }
    ObjectNode root = frame(added);
    fill((ObjectNode) root.get("model"));
    return root;
  }

  /** Returns a file without tokens of text and without merges, and with no option set. */
  static ObjectNode frame(ArrayNode addedTokens) {
    ObjectNode root = NODES.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    root.set("added_tokens", addedTokens);
    root.putNull("normalizer");
    root.set("pre_tokenizer", byteLevel());
    root.putNull("post_processor");
    root.set("decoder", byteLevel());
    root.set("model", model());
    return root;
  }

  /** Adds a special token. */
  static void addSpecial(ArrayNode addedTokens, String content, int id) {
    ObjectNode node = addedTokens.addObject();
    node.put("id", id);
    node.put("content", content);
    node.put("single_word", false);
    node.put("lstrip", false);
    node.put("rstrip", false);
    node.put("normalized", false);
    node.put("special", true);
  }

  private static ObjectNode byteLevel() {
    ObjectNode node = NODES.objectNode();
    node.put("type", "ByteLevel");
    node.put("add_prefix_space", false);
    node.put("trim_offsets", true);
    node.put("use_regex", true);
    return node;
  }

  private static ObjectNode model() {
    ObjectNode node = NODES.objectNode();
    node.put("type", "BPE");
    node.putNull("dropout");
    node.putNull("unk_token");
    node.putNull("continuing_subword_prefix");
    node.putNull("end_of_word_suffix");
    node.put("fuse_unk", false);
    node.put("byte_fallback", false);
    node.put("ignore_merges", false);
    return node;
  }

  private void fill(ObjectNode model) {
    List<String> tokens = vocabulary.tokens();
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocab.put(tokens.get(id), id);
    }
    ArrayNode merges = model.putArray("merges");
    for (BpeVocabulary.Merge merge : vocabulary.merges()) {
      merges.add(tokens.get(merge.left()) + " " + tokens.get(merge.right()));
    }
  }
}
