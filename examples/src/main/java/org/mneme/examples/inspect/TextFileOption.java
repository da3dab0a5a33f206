// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Path;
import org.mneme.train.data.DocumentSource;
import org.mneme.train.data.JsonlSource;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A JSONL file on which a model is looked at. */
final class TextFileOption {
  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "JSONL file with a text field (plain, gzip or zstd).")
  private Path file;

  @Option(names = "--text-field", paramLabel = "NAME", description = "Field that holds the text.")
  private String field = "text";

  @Option(
      names = "--documents",
      paramLabel = "N",
      description = "Use the first N documents; 0 for all.")
  private long documents;

  Texts texts() {
    DocumentSource source = new JsonlSource(file, field);
    return new Texts(documents == 0 ? source : source.limit(documents));
  }
}
