// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * A directory with {@code config.json}, {@code model.safetensors}, {@code tokenizer.json} and
 * {@code trainer.json}, of which each replaces the one before in one step.
 *
 * @param directory where it is
 */
public record Checkpoint(Path directory) {

  /**
   * Saves a model.
   *
   * @throws UserException if a file cannot be written
   */
  public void save(LanguageModel model, Tokenizer tokenizer, TrainerState state) {
    try {
      model.save(directory);
      tokenizer.write(directory.resolve("tokenizer.json"));
      new JsonConfig().write(directory.resolve("trainer.json"), state);
    } catch (IOException e) {
      throw new UserException(directory + ": the checkpoint cannot be written: " + e, e);
    }
  }

  /**
   * What was done to the saved model.
   *
   * @throws UserException if it is not told, or not as JSON
   */
  public TrainerState state() {
    return new JsonConfig().read(directory.resolve("trainer.json"), TrainerState.class);
  }
}
