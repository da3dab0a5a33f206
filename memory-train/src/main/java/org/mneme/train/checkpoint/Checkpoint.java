// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  /**
   * Writes a checkpoint that has another state of the model, and of all else what this one has.
   *
   * @param model of the same configuration
   * @param target a new directory
   * @throws UserException if a file cannot be written
   */
  public void copyWith(LanguageModel model, Path target) {
    try {
      model.save(target);
      for (String name : List.of("tokenizer.json", "trainer.json")) {
        if (Files.exists(directory.resolve(name))) {
          Files.copy(directory.resolve(name), target.resolve(name));
        }
      }
    } catch (IOException e) {
      throw new UserException(target + ": the checkpoint cannot be written: " + e, e);
    }
  }
}
