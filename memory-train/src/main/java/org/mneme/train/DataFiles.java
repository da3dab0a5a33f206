// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what a {@link DataConfig} names. */
public final class DataFiles {
  private static final Logger LOG = LoggerFactory.getLogger(DataFiles.class);

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
   * @throws UserException if no file is named, or one twice while documents are held out: a
   *     document would be learned and held out
   */
  public List<DocumentSource> sources() {
    if (config.files().isEmpty()) {
      throw new UserException("data configuration: files is empty, expected at least one file");
    }
    checkDistinct();
    List<DocumentSource> sources = new ArrayList<>();
    for (String file : config.files()) {
      sources.add(new JsonlSource(Path.of(file), config.textField(), config.badLinePolicy()));
    }
    return sources;
  }

  private void checkDistinct() {
    List<Path> files = config.files().stream().map(Path::of).toList();
    for (int second = 1; second < files.size(); second++) {
      for (int first = 0; first < second; first++) {
        if (haveSameContents(files.get(first), files.get(second))) {
          reportSame(files.get(first), files.get(second));
        }
      }
    }
  }

  /** Whether they are one file, or equal; false where one cannot be read, which reading reports. */
  private static boolean haveSameContents(Path first, Path second) {
    try {
      return Files.isSameFile(first, second)
          || (Files.size(first) == Files.size(second) && Files.mismatch(first, second) < 0);
    } catch (IOException e) {
      return false;
    }
  }

  private void reportSame(Path first, Path second) {
    if (config.validationFraction() > 0) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "data.files: expected different files, got %s and %s, which have the same contents:"
                  + " documents would be both learned and held out. Remove one of them, or set"
                  + " data.validation_fraction to 0.",
              first,
              second));
    }
    LOG.warn("{} and {} have the same contents; their documents count twice", first, second);
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
