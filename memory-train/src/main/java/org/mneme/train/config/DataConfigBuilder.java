// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonPOJOBuilder;
import java.util.List;
import org.mneme.train.data.BatchConfig;
import org.mneme.train.data.text.BadLines;
import org.mneme.train.data.text.JsonlSource;
import org.mneme.train.data.text.SentenceFormat;

/** Builds a {@link DataConfig}. */
@JsonPOJOBuilder(withPrefix = "")
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public final class DataConfigBuilder {
  private List<String> files = List.of();
  private String textField = JsonlSource.DEFAULT_FIELD;
  private BadLines.Action badLines = BadLines.Action.STOP;
  private long maxBadLines = 1000;
  private long maxDocuments;
  private String tokenizer = "";
  private String shards = "shards";
  private BatchConfig.Form packing = BatchConfig.Form.PADDED;
  private double validationFraction = 0.01;
  private long splitSeed = 42;
  private String knowledgeFile = "";
  private SentenceFormat knowledgeFormat = SentenceFormat.AUTO;
  private String knowledgeField = "";

  DataConfigBuilder() {}

  DataConfigBuilder(DataConfig config) {
    files = config.files();
    textField = config.textField();
    badLines = config.badLines();
    maxBadLines = config.maxBadLines();
    maxDocuments = config.maxDocuments();
    tokenizer = config.tokenizer();
    shards = config.shards();
    packing = config.packing();
    validationFraction = config.validationFraction();
    splitSeed = config.splitSeed();
    knowledgeFile = config.knowledgeFile();
    knowledgeFormat = config.knowledgeFormat();
    knowledgeField = config.knowledgeField();
  }

  /** JSONL files, plain, gzip, zstd or xz; empty where a program brings its own documents. */
  public DataConfigBuilder files(List<String> value) {
    files = value;
    return this;
  }

  /** The field of a line that holds the text. */
  public DataConfigBuilder textField(String value) {
    textField = value;
    return this;
  }

  /** What happens at a line that is not as it should be. */
  public DataConfigBuilder badLines(BadLines.Action value) {
    badLines = value;
    return this;
  }

  /** Most bad lines of a file that are skipped; 0 for no limit. */
  public DataConfigBuilder maxBadLines(long value) {
    maxBadLines = value;
    return this;
  }

  /** Documents to use, from the first on; 0 for all. */
  public DataConfigBuilder maxDocuments(long value) {
    maxDocuments = value;
    return this;
  }

  /**
   * A {@code tokenizer.json} or a checkpoint that has one; empty to learn one from the documents.
   */
  public DataConfigBuilder tokenizer(String value) {
    tokenizer = value;
    return this;
  }

  /** Folder in which tokenised documents are kept for later runs. */
  public DataConfigBuilder shards(String value) {
    shards = value;
    return this;
  }

  /** How documents fill sequences. */
  public DataConfigBuilder packing(BatchConfig.Form value) {
    packing = value;
    return this;
  }

  /** Share of the documents that is held out, at least 0 and below 1. */
  public DataConfigBuilder validationFraction(double value) {
    validationFraction = value;
    return this;
  }

  /** Decides which documents are held out. */
  public DataConfigBuilder splitSeed(long value) {
    splitSeed = value;
    return this;
  }

  /** Sentences for {@code memory_init} text and kmeans; empty for the documents. */
  public DataConfigBuilder knowledgeFile(String value) {
    knowledgeFile = value;
    return this;
  }

  /** How the file of sentences holds them. */
  public DataConfigBuilder knowledgeFormat(SentenceFormat value) {
    knowledgeFormat = value;
    return this;
  }

  /** The key of the sentence, or the keys on the way to it; empty for those of published files. */
  public DataConfigBuilder knowledgeField(String value) {
    knowledgeField = value;
    return this;
  }

  /**
   * The configuration.
   *
   * @throws org.mneme.compute.UserException naming each key that is wrong
   */
  public DataConfig build() {
    return new DataConfig(
        files,
        textField,
        badLines,
        maxBadLines,
        maxDocuments,
        tokenizer,
        shards,
        packing,
        validationFraction,
        splitSeed,
        knowledgeFile,
        knowledgeFormat,
        knowledgeField);
  }
}
