// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.folder.RunFolder;

/** What a run left in its folder, for comparing it with another. */
final class RunFiles {
  private static final List<String> TIMES = List.of("tokens_per_second", "elapsed_seconds");

  /** Events of which all but the step depends on the process: heap, resident memory, times. */
  private static final List<String> MACHINE = List.of("resources", "profile");

  private RunFiles() {}

  /** Both have the same checkpoints, with the same tensors, and the same metrics but for times. */
  static void assertEqual(Path found, Path expected) {
    assertThat(names(found)).isEqualTo(names(expected));
    for (String name : names(expected)) {
      for (String file : List.of("model.safetensors", "trainer.safetensors", "tokenizer.json")) {
        Path path = Path.of("checkpoints", name, file);
        assertThat(found.resolve(path)).hasSameBinaryContentAs(expected.resolve(path));
      }
    }
    assertThat(metrics(found)).isEqualTo(metrics(expected));
    assertThat(lastPosition(found)).isEqualTo(lastPosition(expected));
  }

  private static Object lastPosition(Path run) {
    return new Checkpoint(RunFolder.checkpointOf(run)).state().position();
  }

  /** The names of the checkpoints. */
  static List<String> names(Path run) {
    return new RunFolder(run)
        .checkpoints().complete().stream()
            .map(checkpoint -> checkpoint.directory().getFileName().toString())
            .toList();
  }

  /** The events, without what depends on the clock or the process. */
  static List<ObjectNode> metrics(Path run) {
    List<ObjectNode> events = events(run);
    for (ObjectNode event : events) {
      if (MACHINE.contains(name(event))) {
        event.retain("event", "step");
      } else {
        event.remove(TIMES);
      }
    }
    return events;
  }

  /** All that was told, in its order. */
  static List<ObjectNode> events(Path run) {
    List<ObjectNode> events = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(new RunFolder(run).metrics())) {
        events.add((ObjectNode) new ObjectMapper().readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }

  /** The events of a name. */
  static List<ObjectNode> events(Path run, String name) {
    return events(run).stream().filter(event -> name(event).equals(name)).toList();
  }

  private static String name(ObjectNode event) {
    return event.get("event").asText();
  }
}
