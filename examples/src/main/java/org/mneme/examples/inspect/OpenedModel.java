// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.mneme.compute.Closer;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import org.mneme.examples.experiment.MeantRuns;
import org.mneme.model.LanguageModel;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * A checkpoint opened for evaluation.
 *
 * @param checkpoint its directory
 * @param device on which it is
 * @param model the model
 * @param tokenizer its tokenizer
 */
record OpenedModel(Path checkpoint, Device device, LanguageModel model, Tokenizer tokenizer)
    implements AutoCloseable {
  private static final Path RUNS = Path.of("runs"); // the default of 'train --runs'

  /**
   * Opens a checkpoint directory, or the newest checkpoint of a run's folder.
   *
   * @throws UserException if there is none, it is not complete, or there is no such device
   */
  static OpenedModel open(DeviceOption option, PrecisionOption precision, Path given) {
    Path checkpoint = checkpoint(given);
    new Checkpoint(checkpoint).verifyTokenizerAndState();
    Closer closer = new Closer();
    try {
      Tokenizer tokenizer = closer.add(Tokenizer.load(checkpoint));
      Device device = closer.add(option.open());
      LanguageModel model =
          closer.add(LanguageModel.load(device, checkpoint, precision.evaluation()));
      requireFit(checkpoint, tokenizer, model);
      return new OpenedModel(checkpoint, device, model, tokenizer);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private static void requireFit(Path checkpoint, Tokenizer tokenizer, LanguageModel model) {
    int most = model.config().vocabSize();
    if (tokenizer.vocabularySize() > most) {
      model.close();
      throw new UserException(
          checkpoint.resolve("tokenizer.json")
              + ": expected at most "
              + most
              + " tokens, the vocab_size of the model, got "
              + tokenizer.vocabularySize());
    }
  }

  /**
   * Returns the checkpoint directory that a user means.
   *
   * @throws UserException if there is none
   */
  static Path checkpoint(Path given) {
    if (Files.exists(given) && !Files.isDirectory(given)) {
      throw new UserException(given + ": is a file, expected a checkpoint or run folder");
    }
    if (!Files.isDirectory(given)) {
      throw new UserException(
          given
              + ": no such directory, expected a checkpoint or run folder"
              + MeantRuns.advice(given, RUNS));
    }
    Path checkpoint = RunFolder.checkpointOf(given);
    if (!Files.exists(checkpoint.resolve("model.safetensors"))) {
      throw new UserException(given + ": no model is here, expected a checkpoint or run folder");
    }
    return checkpoint;
  }

  /**
   * Refuses a directory that is there, before any work is done for it.
   *
   * @throws UserException if there is something of this name
   */
  static void requireNew(Path directory) {
    if (Files.exists(directory)) {
      throw new UserException(directory + ": is there already, expected a new directory");
    }
  }

  /**
   * Saves the model, which may have been changed, as a checkpoint with all else that this one has.
   *
   * @throws UserException if it cannot be written
   */
  void saveTo(Path directory) {
    new Checkpoint(checkpoint).copyWith(model, directory);
  }

  /** The optimiser steps that the model was trained for, if the checkpoint tells. */
  OptionalLong steps() {
    boolean tells = Files.exists(checkpoint.resolve("trainer.json"));
    return tells
        ? OptionalLong.of(new Checkpoint(checkpoint).state().steps())
        : OptionalLong.empty();
  }

  @Override
  public void close() {
    Closer.closeAll(tokenizer, model, device);
  }
}
