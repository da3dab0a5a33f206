// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Path;
import org.mneme.examples.Arguments;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.text.JsonlSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What is read of a JSONL file. */
final class TextOption {
  @Option(names = "--text-field", paramLabel = "NAME", description = "Field that holds the text.")
  private String field = "text";

  @Option(
      names = "--documents",
      paramLabel = "N",
      description = "Use the first N documents; 0 for all.")
  private long documents;

  /**
   * The texts of a file.
   *
   * @throws picocli.CommandLine.ParameterException if there cannot be so many
   * @throws org.mneme.compute.UserException if the file cannot be opened
   */
  Texts of(CommandSpec command, Path file) {
    Arguments.atLeast(command, "--documents", documents, 0);
    DocumentSource source = new JsonlSource(file, field);
    source.open().close();
    return new Texts(documents == 0 ? source : source.limit(documents));
  }
}
