// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Path;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The checkpoint that a command is about, and where and how it is opened. */
final class ModelOption {
  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description = "Checkpoint directory or run folder.")
  private Path checkpoint;

  /** Opens the checkpoint; the device only if there is one. */
  OpenedModel open() {
    return OpenedModel.open(device, precision, checkpoint);
  }
}
