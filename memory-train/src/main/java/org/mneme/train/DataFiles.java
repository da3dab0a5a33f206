// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.train.config.DataConfig;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.text.JsonlSource;
import org.mneme.train.data.text.SentenceSource;
import org.mneme.train.tokenizer.BpeConfig;
import org.mneme.train.tokenizer.BpeTrainer;
import org.mneme.train.tokenizer.Tokenizer;

/** Opens what a {@link DataConfig} names. */
public final class DataFiles {
  private final DataConfig config;

  /** Opens the files of a configuration. */
  public DataFiles(DataConfig config) {
    this.config = config;
  }

  /**
   * The documents.
   *
   * @throws UserException if no file is named
   */
  public DocumentSource documents() {
    DocumentSource all = DocumentSource.concat(sources());
    return config.maxDocuments() == 0 ? all : all.limit(config.maxDocuments());
  }

  /**
   * The files of the documents, each by itself.
   *
   * @throws UserException if no file is named
   */
  public List<DocumentSource> sources() {
    if (config.files().isEmpty()) {
      throw new UserException("data configuration: files is empty, expected at least one file");
    }
    List<DocumentSource> sources = new ArrayList<>();
    for (String file : config.files()) {
      sources.add(new JsonlSource(Path.of(file), config.textField(), config.badLinePolicy()));
    }
    return sources;
  }

  /** The sentences that a memory begins with; empty if the documents are to serve. */
  public Optional<DocumentSource> knowledge() {
    if (config.knowledgeFile().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new SentenceSource(
            Path.of(config.knowledgeFile()),
            config.knowledgeFormat(),
            config.knowledgeField(),
            config.badLinePolicy()));
  }

  /**
   * The tokenizer that is named, or one that is learned from the documents and kept.
   *
   * @param vocabularySize of a learned one
   * @param learned where to write a learned one
   * @throws UserException if there is no such tokenizer, the documents cannot be read, or the
   *     vocabulary is too small to be learned
   */
  public Tokenizer tokenizer(
      DocumentSource documents, int vocabularySize, Path learned, ProgressListener progress) {
    if (!config.tokenizer().isEmpty()) {
      return Tokenizer.load(Path.of(config.tokenizer()));
    }
    if (vocabularySize < BpeConfig.LEAST_VOCABULARY) {
      throw new UserException(
          "model configuration: vocab_size is "
              + vocabularySize
              + ", expected at least "
              + BpeConfig.LEAST_VOCABULARY
              + " to learn a tokenizer: 256 bytes and the special tokens");
    }
    new BpeTrainer(new BpeConfig(vocabularySize)).train(documents, progress).write(learned);
    return Tokenizer.load(learned);
  }
}
