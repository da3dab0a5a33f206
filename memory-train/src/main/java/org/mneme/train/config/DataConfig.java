// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.text.BadLines;
import org.mneme.train.data.text.SentenceFormat;
import org.mneme.train.data.text.SentenceSource;

/**
 * Which text a model is trained on; checked when it is made. Keys on disk are the component names
 * in snake case; defaults stand in {@link DataConfigBuilder}. Paths are as written: relative ones
 * are meant from the working directory.
 *
 * @param files JSONL files, plain, gzip, zstd or xz; empty where a program brings its own documents
 * @param textField the field of a line that holds the text
 * @param badLines what happens at a line that is no such JSON: stop, or skip it
 * @param maxBadLines most bad lines of a file that are skipped; 0 for no limit
 * @param maxDocuments documents to use, from the first on; 0 for all
 * @param tokenizer a {@code tokenizer.json} or a checkpoint that has one; empty to learn one from
 *     the documents
 * @param shards folder in which tokenised documents are kept for later runs
 * @param packing how documents fill sequences
 * @param validationFraction share of the documents that is held out, at least 0 and below 1
 * @param splitSeed decides which documents are held out
 * @param knowledgeFile sentences for {@code memory_init} text and kmeans, as JSON, JSONL or plain
 *     text; empty for the documents
 * @param knowledgeFormat how that file holds them
 * @param knowledgeField in JSON, the key of the sentence or the keys on the way to it, joined by
 *     dots; empty for the keys of published files, see {@link SentenceSource}
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonDeserialize(builder = DataConfigBuilder.class)
public record DataConfig(
    List<String> files,
    String textField,
    BadLines.Action badLines,
    long maxBadLines,
    long maxDocuments,
    String tokenizer,
    String shards,
    BatchConfig.Form packing,
    double validationFraction,
    long splitSeed,
    String knowledgeFile,
    SentenceFormat knowledgeFormat,
    String knowledgeField) {

  /**
   * Checks all values.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong, what was found and what
   *     was expected
   */
  public DataConfig {
    files = files == null ? List.of() : List.copyOf(files);
    Faults faults = new Faults("data configuration");
    faults.expect(given(textField), "text_field", textField, "the name of a field");
    faults.expect(badLines != null, "bad_lines", null, "stop or skip");
    faults.expect(maxBadLines >= 0, "max_bad_lines", maxBadLines, "at least 0");
    faults.expect(maxDocuments >= 0, "max_documents", maxDocuments, "at least 0");
    faults.expect(tokenizer != null, "tokenizer", null, "a path, or \"\"");
    faults.expect(given(shards), "shards", shards, "the path of a folder");
    files.forEach(file -> faults.path("files", file));
    paths(faults, tokenizer, shards, knowledgeFile);
    faults.expect(packing != null, "packing", null, "packed or padded");
    boolean share = validationFraction >= 0 && validationFraction < 1;
    faults.expect(share, "validation_fraction", validationFraction, "at least 0 and below 1");
    faults.expect(knowledgeFile != null, "knowledge_file", null, "a path, or \"\"");
    faults.expect(knowledgeFormat != null, "knowledge_format", null, "auto, json, jsonl or text");
    faults.expect(knowledgeField != null, "knowledge_field", null, "the name of a field, or \"\"");
    faults.throwIfAny();
  }

  private static void paths(Faults faults, String tokenizer, String shards, String knowledge) {
    faults.path("tokenizer", tokenizer == null ? "" : tokenizer);
    faults.path("shards", shards == null ? "" : shards);
    faults.path("knowledge_file", knowledge == null ? "" : knowledge);
  }

  private static boolean given(String text) {
    return text != null && !text.isBlank();
  }

  /** What is done at a bad line of a file. */
  public BadLines badLinePolicy() {
    return badLines == BadLines.Action.STOP ? BadLines.STOP : BadLines.skip(maxBadLines);
  }

  /** A builder with the defaults. */
  public static DataConfigBuilder builder() {
    return new DataConfigBuilder();
  }

  /** A builder with the values of this configuration. */
  public DataConfigBuilder toBuilder() {
    return new DataConfigBuilder(this);
  }
}
