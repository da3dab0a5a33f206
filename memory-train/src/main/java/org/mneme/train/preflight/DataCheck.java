// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.nio.file.Path;
import org.mneme.compute.UserException;
import org.mneme.train.DataFiles;
import org.mneme.train.config.DataConfig;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.tokenizer.BpeConfig;
import org.mneme.train.tokenizer.Tokenizer;

/** Whether text, knowledge and tokenizer are there and are what they should be. */
final class DataCheck {
  /** Enough to see that a file is of the right kind; the rest is read when it is tokenised. */
  private static final int FIRST_DOCUMENTS = 100;

  private final DataConfig config;
  private final int vocabularySize;

  DataCheck(DataConfig config, int vocabularySize) {
    this.config = config;
    this.vocabularySize = vocabularySize;
  }

  void run(Findings findings) {
    DataFiles files = new DataFiles(config);
    int before = findings.count();
    findings.attempt(
        () -> files.sources().forEach(source -> findings.attempt(() -> readFirst(source))));
    if (findings.count() == before) {
      findings.attempt(() -> requireEnough(files.documents()));
    }
    findings.attempt(() -> files.knowledge().ifPresent(DataCheck::readFirst));
    findings.attempt(this::checkTokenizer);
  }

  private static void readFirst(DocumentSource source) {
    try (DocumentCursor cursor = source.open()) {
      int read = 0;
      while (read < FIRST_DOCUMENTS && cursor.hasNext()) {
        cursor.next();
        read++;
      }
      if (read == 0) {
        throw new UserException(source.name() + ": has no text; expected at least one document");
      }
    }
  }

  /** Refuses text of which nothing can be held out; an empty document has no tokens. */
  private void requireEnough(DocumentSource documents) {
    int needed = config.validationFraction() > 0 ? 2 : 1;
    int found = 0;
    try (DocumentCursor cursor = documents.open()) {
      while (found < needed && cursor.hasNext()) {
        found += cursor.next().text().isEmpty() ? 0 : 1;
      }
    }
    if (found == 0) {
      throw new UserException(
          named() + ": has empty documents only, expected at least one with text");
    }
    if (found < needed) {
      throw new UserException(
          named()
              + ": has 1 document"
              + (config.maxDocuments() == 1 ? " by data.max_documents" : "")
              + ", expected at least 2 to hold some out for validation. Give more text, one document"
              + " on each line, or set data.validation_fraction to 0");
    }
  }

  /**
   * Refuses text with fewer sentences than token entries that are to be centres of them. Documents
   * are counted with those that are held out later, of which there are few.
   *
   * @param entries the number of entries
   */
  void requireSentences(int entries) {
    DataFiles files = new DataFiles(config);
    DocumentSource sentences = files.knowledge().orElseGet(files::documents);
    long found = 0;
    try (DocumentCursor cursor = sentences.open()) {
      while (found < entries && cursor.hasNext()) {
        found += cursor.next().text().isEmpty() ? 0 : 1;
      }
    }
    if (found < entries) {
      throw new UserException(
          (config.knowledgeFile().isEmpty() ? named() : config.knowledgeFile())
              + ": has "
              + found
              + " sentences, expected at least knowledge_num, which is "
              + entries
              + ", for memory_init kmeans. Lower model.knowledge_num, or set train.memory_init to text");
    }
  }

  private String named() {
    return String.join(", ", config.files());
  }

  private void checkTokenizer() {
    if (config.tokenizer().isEmpty()) {
      if (vocabularySize < BpeConfig.LEAST_VOCABULARY) {
        throw vocabulary(
            BpeConfig.LEAST_VOCABULARY + " to learn a tokenizer: 256 bytes and the special tokens");
      }
      return;
    }
    try (Tokenizer tokenizer = Tokenizer.load(Path.of(config.tokenizer()))) {
      if (tokenizer.vocabularySize() > vocabularySize) {
        throw vocabulary("the vocabulary of the tokenizer, which is " + tokenizer.vocabularySize());
      }
    }
  }

  private UserException vocabulary(String expected) {
    return new UserException(
        "model configuration: vocab_size is " + vocabularySize + ", expected at least " + expected);
  }
}
