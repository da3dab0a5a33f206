// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Path;
import java.util.Optional;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import org.mneme.train.data.DocumentSource;
import org.mneme.train.data.JsonlSource;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** A checkpoint and the JSONL file on which it is looked at. */
final class ModelAndText {
  @Mixin private PrecisionOption precision;

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description = "Checkpoint directory or run folder.")
  private Path checkpoint;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "JSONL file with a text field (plain, gzip, zstd or xz).")
  private Path file;

  @Option(names = "--text-field", paramLabel = "NAME", description = "Field that holds the text.")
  private String field = "text";

  @Option(
      names = "--documents",
      paramLabel = "N",
      description = "Use the first N documents; 0 for all.")
  private long documents;

  /** The checkpoint directory or run folder. */
  Path checkpoint() {
    return checkpoint;
  }

  /** Opens the checkpoint; the device only if there is one. */
  OpenedModel open(DeviceOption device) {
    return OpenedModel.open(device, precision, checkpoint);
  }

  /**
   * The texts.
   *
   * @throws ParameterException if no file was given, or there cannot be so many
   * @throws org.mneme.compute.UserException if the file cannot be opened
   */
  Texts texts(CommandSpec command) {
    return optionalTexts(command)
        .orElseThrow(
            () -> new ParameterException(command.commandLine(), "no FILE given, expected one"));
  }

  /** The texts, if a file was given; like {@link #texts}. */
  Optional<Texts> optionalTexts(CommandSpec command) {
    Arguments.atLeast(command, "--documents", documents, 0);
    if (file == null) {
      return Optional.empty();
    }
    DocumentSource source = new JsonlSource(file, field);
    source.open().close();
    return Optional.of(new Texts(documents == 0 ? source : source.limit(documents)));
  }
}
