// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.Checksums;
import org.mneme.train.data.DataPosition;
import org.mneme.train.guard.GuardState;

class CheckpointsTest {
  private static final List<String> FILES =
      List.of(
          "config.json",
          "model.safetensors",
          "tokenizer.json",
          "trainer.json",
          "trainer.safetensors");

  @TempDir Path folder;

  private Checkpoints checkpoints;

  @BeforeEach
  void open() {
    checkpoints = new Checkpoints(folder.resolve("checkpoints"));
  }

  /** Makes a checkpoint of which all but the state is made up. */
  private Checkpoint make(long step, Double validationLoss) throws IOException {
    Checkpoint checkpoint = checkpoints.after(step);
    for (String file : FILES) {
      Files.createDirectories(checkpoint.directory());
      Files.writeString(checkpoint.directory().resolve(file), file + step);
    }
    TrainerState state =
        new TrainerState(
            TrainerState.FORMAT,
            step,
            100,
            step * 64,
            new DataPosition(0, step),
            new DataIdentity("a", "b", 1000, 100),
            new Progress(step, 2.5, 0, validationLoss, 1, 1, 0, 1, GuardState.NEW),
            0,
            JsonNodeFactory.instance.objectNode(),
            Map.of());
    new JsonConfig().write(checkpoint.directory().resolve("trainer.json"), state);
    new Checksums(checkpoint.directory()).write(FILES);
    Files.createFile(checkpoint.directory().resolve("DONE"));
    return checkpoint;
  }

  private List<Long> steps() {
    return checkpoints.complete().stream().map(checkpoint -> checkpoint.state().steps()).toList();
  }

  @Test
  void theNewestAndTheBestStay() throws IOException {
    make(10, null);
    make(20, 3.0);
    Checkpoint best = make(30, 2.0);
    make(40, 2.0);
    make(50, null);
    make(60, 2.5);
    assertThat(checkpoints.best()).contains(best);
    checkpoints.rotate(2, 1);
    assertThat(steps()).containsExactly(30L, 50L, 60L);
    checkpoints.rotate(1, 0);
    assertThat(steps()).containsExactly(60L);
  }

  @Test
  void whatIsNotDoneIsNotThere() throws IOException {
    assertThat(checkpoints.newest()).isEmpty();
    make(10, null);
    Files.delete(make(20, null).directory().resolve("DONE"));
    Files.createDirectories(checkpoints.folder().resolve("step-7"));
    assertThat(steps()).containsExactly(10L);
    assertThat(checkpoints.newest()).contains(checkpoints.after(10));
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    Checkpoint checkpoint = make(10, null);
    checkpoint.verify();
    Files.writeString(checkpoint.directory().resolve("model.safetensors"), "other");
    assertThatThrownBy(checkpoint::verify)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("model.safetensors: damaged: expected SHA-256 ");
    assertThatThrownBy(checkpoints::newestIntact)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("found damaged checkpoints only, expected an intact one: ")
        .hasMessageContaining("model.safetensors: damaged: expected SHA-256 ");
    Files.delete(checkpoint.directory().resolve("model.safetensors"));
    assertThatThrownBy(checkpoint::verify).hasMessageContaining("model.safetensors");
  }

  @Test
  void aChecksumThatIsMissingIsNamed() throws IOException {
    Checkpoint checkpoint = make(10, null);
    Path list = checkpoint.directory().resolve("checksums");
    Files.write(list, Files.readAllLines(list).subList(0, 4));
    assertThatThrownBy(checkpoint::verify).hasMessageContaining("[trainer.safetensors]");
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    Path state = make(10, null).directory().resolve("trainer.json");
    Files.writeString(state, Files.readString(state).replace("\"format\" : 1", "\"format\" : 2"));
    assertThatThrownBy(() -> checkpoints.after(10).state())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("format: expected 1, got 2");
  }

  @Test
  void aFailureLeavesWhatWasThereAndNothingElse() throws IOException {
    Path target = make(10, null).directory();
    assertThatThrownBy(
            () ->
                AtomicDirectory.write(
                    target,
                    temporary -> {
                      Files.writeString(temporary.resolve("half"), "half");
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    checkpoints.after(10).verify();
    assertThat(names()).containsExactly("step-0000000010");
  }

  @Test
  void whatACrashLeftIsCleanedUp() throws IOException {
    make(10, null);
    for (String state : List.of("writing", "deleting")) {
      Path left = checkpoints.folder().resolve(".step-0000000020." + state);
      Files.createDirectories(left);
      Files.writeString(left.resolve("model.safetensors"), "half");
    }
    checkpoints.clean();
    assertThat(names()).containsExactly("step-0000000010");
  }

  /** A crash between the two renames of a replacement left neither old nor new. */
  @Test
  void whatWasToBeReplacedIsBackAfterACrash() throws IOException {
    Path target = make(10, null).directory();
    Files.move(target, checkpoints.folder().resolve(".step-0000000010.replaced"));
    Files.createDirectories(checkpoints.folder().resolve(".step-0000000010.writing"));
    checkpoints.clean();
    assertThat(names()).containsExactly("step-0000000010");
    checkpoints.after(10).verify();
  }

  @Test
  void aDamagedCheckpointIsKeptUnderAnotherName() throws IOException {
    Checkpoint good = make(10, null);
    for (int time = 0; time < 2; time++) {
      Path damaged = make(20, null).directory().resolve("tokenizer.json");
      Files.writeString(damaged, "other");
      assertThat(checkpoints.newestIntact()).contains(good);
      checkpoints.setAsideNewerThan(good);
    }
    assertThat(names())
        .containsExactlyInAnyOrder(
            "step-0000000010", "step-0000000020.damaged", "step-0000000020.damaged-2");
    assertThat(steps()).containsExactly(10L);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(checkpoints.folder())) {
      return all.map(path -> path.getFileName().toString()).toList();
    }
  }
}
