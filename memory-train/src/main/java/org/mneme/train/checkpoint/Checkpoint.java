// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.memory.state.Stateful;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.Checksums;
import org.mneme.model.io.FileFault;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * A directory with a model ({@code config.json}, {@code model.safetensors}), its tokenizer ({@code
 * tokenizer.json}) and all else that its training needs to go on ({@code trainer.safetensors},
 * {@code trainer.json}); the {@code checksums} of these files; and {@code DONE}, which is written
 * last. It appears complete or not at all.
 *
 * @param directory where it is
 */
public record Checkpoint(Path directory) {
  private static final String TOKENIZER = "tokenizer.json";
  private static final String TENSORS = "trainer.safetensors";
  private static final String STATE = "trainer.json";
  private static final String DONE = "DONE";
  private static final List<String> FILES =
      List.of("config.json", "model.safetensors", TOKENIZER, STATE, TENSORS);

  /**
   * Saves a training, in place of any checkpoint of this name.
   *
   * @param model its weights, entries and running statistics
   * @param parts all other tensors that it needs to go on
   * @param state what it is at
   * @throws IOException if it cannot be written; then what was there before still is
   */
  public void save(LanguageModel model, Tokenizer tokenizer, Stateful parts, TrainerState state)
      throws IOException {
    AtomicDirectory.write(
        directory,
        temporary -> {
          model.save(temporary);
          write(tokenizer, temporary.resolve(TOKENIZER));
          StateFile.write(temporary.resolve(TENSORS), parts);
          new JsonConfig().write(temporary.resolve(STATE), state);
          finish(temporary, FILES);
        });
  }

  private static void write(Tokenizer tokenizer, Path file) throws IOException {
    try {
      tokenizer.write(file);
    } catch (UserException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Whether the marker says that all files were written. */
  public boolean isComplete() {
    return Files.exists(directory.resolve(DONE));
  }

  /**
   * Compares all files with their checksums.
   *
   * @throws UserException naming the first that is missing or damaged
   */
  public void verify() {
    new Checksums(directory).verify(FILES);
  }

  /**
   * Compares the tokenizer and the state of the training, where there are, with their checksums if
   * the directory has any; a model compares its own files when it is loaded.
   *
   * @throws UserException naming the file that is damaged
   */
  public void verifyTokenizerAndState() {
    List<String> there =
        List.of(TOKENIZER, STATE).stream().filter(f -> Files.exists(directory.resolve(f))).toList();
    new Checksums(directory).verifyIfAny(there);
  }

  /**
   * What the training was at.
   *
   * @throws UserException if it is missing, not JSON, or not what a training leaves
   */
  public TrainerState state() {
    Path file = directory.resolve(STATE);
    TrainerState state = new JsonConfig().readRecord(file, TrainerState.class);
    if (state == null) {
      throw new UserException(file + ": expected the state of a training, got null");
    }
    return state;
  }

  /**
   * Restores a model and the other parts of its training.
   *
   * @throws UserException if a tensor is missing, of another shape, or holds a value that no
   *     training can have left, naming file, tensor, place and value
   */
  public void restore(LanguageModel model, Stateful parts) {
    model.restore(directory);
    Path tensors = directory.resolve(TENSORS);
    try (StateFile file = StateFile.open(tensors, state().steps())) {
      parts.restore(file);
    } catch (UserException e) {
      boolean named = e.getMessage().startsWith(tensors.toString());
      throw named ? e : new UserException(tensors + ": " + e.getMessage(), e);
    }
  }

  /** Removes it. */
  void delete() throws IOException {
    AtomicDirectory.delete(directory);
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
      AtomicDirectory.write(
          target,
          temporary -> {
            model.save(temporary);
            for (String name : List.of(TOKENIZER, STATE, TENSORS)) {
              copy(name, temporary);
            }
            List<String> all =
                FILES.stream().filter(f -> Files.exists(temporary.resolve(f))).toList();
            finish(temporary, all);
          });
    } catch (IOException e) {
      throw FileFault.cannotBe(target, "written", e);
    }
  }

  /** Copies a file if it is here: what was never to be trained further needs no trainer's state. */
  private void copy(String name, Path target) throws IOException {
    Path from = directory.resolve(name);
    if (Files.exists(from)) {
      AtomicFile.write(
          target.resolve(name), channel -> Files.copy(from, Channels.newOutputStream(channel)));
    }
  }

  private static void finish(Path directory, List<String> files) throws IOException {
    new Checksums(directory).write(files);
    AtomicFile.writeString(directory.resolve(DONE), "");
  }
}
