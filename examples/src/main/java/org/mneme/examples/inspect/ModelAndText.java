// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Path;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** A checkpoint and the JSONL file on which it is looked at. */
final class ModelAndText {
  @Mixin private PrecisionOption precision;
  @Mixin private TextOption text;

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description = "Checkpoint directory or run folder.")
  private Path checkpoint;

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "JSONL file with a text field (plain, gzip, zstd or xz).")
  private Path file;

  /** Opens the checkpoint; the device only if there is one. */
  OpenedModel open(DeviceOption device) {
    return OpenedModel.open(device, precision, checkpoint);
  }

  /**
   * The texts.
   *
   * @throws picocli.CommandLine.ParameterException if there cannot be so many
   * @throws org.mneme.compute.UserException if the file cannot be opened
   */
  Texts texts(CommandSpec command) {
    return text.of(command, file);
  }
}
