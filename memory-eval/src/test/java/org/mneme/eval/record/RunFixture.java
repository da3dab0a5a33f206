// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Run folders as trainings leave them. */
final class RunFixture {
  static final int TOKENS_PER_STEP = 1000;

  private final Path folder;
  private String model = "\"memory_store\": \"none\"";
  private String experiment = "";
  private long seed = 1;
  private int planned = 40;
  private int done = 40;
  private double loss = 3;

  private RunFixture(Path folder) {
    this.folder = folder;
  }

  static RunFixture in(Path runs, String name) {
    return new RunFixture(runs.resolve(name));
  }

  RunFixture model(String keys) {
    model = keys;
    return this;
  }

  RunFixture experiment(String keys) {
    experiment = keys;
    return this;
  }

  RunFixture seed(long value) {
    seed = value;
    return this;
  }

  /** Steps done of 40. */
  RunFixture done(int steps) {
    done = steps;
    return this;
  }

  /** The validation loss after the last planned step; it falls by 0.1 every ten steps. */
  RunFixture loss(double last) {
    loss = last;
    return this;
  }

  RunFixture write(String name, String text) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  RecordedRun read() {
    return RecordedRun.read(folder);
  }

  Path folder() {
    return folder;
  }

  /** Configuration and metrics. */
  RunFixture make() {
    return write("config.json", config()).write("metrics.jsonl", metrics());
  }

  private String config() {
    return """
        {"model": {"dim": 64, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "vocab_size": 500,
                   "max_seq_len": 50, "knowledge_num": 1024, %s},
         "train": {"learning_rate": 0.001, "seed": %d, "log_interval": %d},
         "data": {"files": ["text.jsonl"]},
         "experiment": {%s}}
        """
        .formatted(model, seed, seed, experiment);
  }

  private String metrics() {
    StringBuilder lines = new StringBuilder();
    lines.append(start(0));
    for (int step = 1; step <= done; step++) {
      lines.append(train(step));
      if (step % 10 == 0) {
        double at = loss + (planned - step) / 100.0;
        lines.append(
            line(
                "{\"event\":\"validation\",\"step\":%d,\"loss\":%.4f,\"perplexity\":9}", step, at));
        lines.append(
            line(
                "{\"event\":\"memory\",\"step\":%d,\"used_any\":0.%d,\"gini\":0.4,\"dead\":7}",
                step, step));
      }
    }
    return lines.toString();
  }

  String start(int step) {
    return line(
        "{\"event\":\"start\",\"steps\":%d,\"tokens_per_step\":%d,\"parameters\":1234567,\"step\":%d}",
        planned, TOKENS_PER_STEP, step);
  }

  static String train(int step) {
    return line(
        "{\"event\":\"train\",\"step\":%d,\"tokens\":%d,\"loss\":5,\"ce\":%.3f,\"balance_loss\":0.01,"
            + "\"lr\":0.001,\"grad_norm\":0.5,\"tokens_per_second\":%d,\"elapsed_seconds\":%d}",
        step, step * TOKENS_PER_STEP, 8 - 0.1 * step, 2000 + step, step);
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
