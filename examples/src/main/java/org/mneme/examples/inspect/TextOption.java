// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Path;
import java.util.Optional;
import org.mneme.examples.Arguments;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.text.JsonlSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What is read of a JSONL file, and how much of held-out text. */
final class TextOption {
  @Option(names = "--text-field", paramLabel = "NAME", description = "Field that holds the text.")
  private String field = "text";

  @Option(
      names = "--documents",
      paramLabel = "N",
      description = "Use the first N documents only (default: all).")
  private Long documents;

  /**
   * Returns the number of documents to use; empty for all.
   *
   * @throws picocli.CommandLine.ParameterException if it is not at least 1
   */
  Optional<Long> limit(CommandSpec command) {
    if (documents != null) {
      Arguments.atLeast(command, "--documents", documents, 1);
    }
    return Optional.ofNullable(documents);
  }

  /**
   * Returns the texts of a file.
   *
   * @throws picocli.CommandLine.ParameterException if their number is not at least 1
   * @throws org.mneme.compute.UserException if the file cannot be opened
   */
  Texts of(CommandSpec command, Path file) {
    Optional<Long> limit = limit(command);
    DocumentSource source = new JsonlSource(file, field);
    source.open().close();
    return new Texts(limit.map(source::limit).orElse(source));
  }
}
