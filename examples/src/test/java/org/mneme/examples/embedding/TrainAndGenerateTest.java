// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;

/** The program of the README, on a few sentences and the configuration of the README, smaller. */
class TrainAndGenerateTest {
  private static final List<String> WHERE = List.of("sea", "lake", "hills", "town");
  private static final List<String> WHAT = List.of("river", "road", "wind", "train");
  private static final List<String> HOW = List.of("slowly", "again", "at night", "every day");

  @TempDir private Path directory;

  @Test
  void trainsWritesAndShowsAnEntry() throws IOException {
    Path text = directory.resolve("text.jsonl");
    Files.write(text, sentences());
    Path config = directory.resolve("config.json");
    Files.writeString(config, config(text));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();

    TrainAndGenerate.run(
        RunConfig.read(config), directory, new PrintStream(printed, true, StandardCharsets.UTF_8));

    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    double loss = Double.parseDouble(lines.get(0).replace("validation loss: ", ""));
    assertThat(loss).isBetween(0.01, 4.0);
    assertThat(lines.get(lines.size() - 1)).startsWith("entry 0: ").hasSizeGreaterThan(10);
    try (Stream<Path> run = Files.list(directory)) {
      Path folder =
          run.filter(path -> path.getFileName().toString().startsWith("embedded-"))
              .findFirst()
              .orElseThrow();
      assertThat(folder.resolve("metrics.jsonl")).isNotEmptyFile();
      assertThat(RunFolder.checkpointOf(folder).resolve("model.safetensors")).isNotEmptyFile();
    }
  }

  private static List<String> sentences() {
    List<String> lines = new ArrayList<>();
    for (String what : WHAT) {
      for (String where : WHERE) {
        for (String how : HOW) {
          lines.add("{\"text\": \"the " + what + " runs to the " + where + " " + how + ".\"}");
        }
      }
    }
    return lines;
  }

  private String config(Path text) {
    return """
    {
      "model": {
        "vocab_size": 320, "dim": 32, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2,
        "max_seq_len": 24, "memory_store": "ema_token", "knowledge_num": 64,
        "knowledge_dim": 16, "num_selected": 4
      },
      "train": {
        "batch_size": 8, "accumulation_steps": 1, "max_steps": 40, "learning_rate": 0.005,
        "memory_init": "text"
      },
      "data": {"files": ["%s"], "shards": "%s", "validation_fraction": 0.1}
    }
    """
        .formatted(json(text), json(directory.resolve("shards")));
  }

  private static String json(Path path) {
    return path.toString().replace("\\", "\\\\");
  }
}
