// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.examples.Mneme;
import picocli.CommandLine;

class RecordCommandsTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int mneme(Object... arguments) {
    CommandLine line = Mneme.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    return line.execute(texts);
  }

  private Path run(String name, int seed, String store, double loss) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    Files.writeString(
        run.resolve("config.json"),
        "{\"model\": {\"memory_store\": \"%s\", \"knowledge_num\": 1024}, \"train\": {\"seed\": %d}}"
            .formatted(store, seed));
    Files.writeString(
        run.resolve("metrics.jsonl"),
        """
        {"event":"start","steps":2,"tokens_per_step":100,"parameters":5}
        {"event":"train","step":2,"tokens":200,"ce":%s}
        {"event":"validation","step":2,"loss":%s}
        """
            .formatted(loss, loss));
    return run;
  }

  @Test
  void reportsWithABaselineOfSeveralSeeds() throws IOException {
    Path token = run("runs/token", 1, "ema_token", 3.25);
    run("dense/one", 1, "none", 3.0);
    run("dense/two", 2, "none", 3.5);
    assertThat(mneme("report", token, "--baseline", folder.resolve("dense"))).isZero();
    assertThat(out.toString()).isEqualTo("report: " + token.resolve("report.html") + "\n");
    assertThat(token.resolve("report.md"))
        .content()
        .startsWith("# token\n")
        .contains("3.250 ± 0.354");
  }

  @Test
  void findsTheBaselineThatTheConfigurationNames() throws IOException {
    Path token = run("token", 1, "ema_token", 3.25);
    run("dense-20260101-120000", 1, "none", 3.0);
    run("other", 1, "learned", 3.0);
    Path config = token.resolve("config.json");
    String named =
        Files.readString(config)
            .replaceFirst("\\{", "{\"experiment\": {\"baseline\": \"dense\"}, ");
    Files.writeString(config, named);
    assertThat(mneme("report", token)).isZero();
    assertThat(token.resolve("report.md"))
        .content()
        .contains("### Paired with dense")
        .doesNotContain("Paired with other");
  }

  @Test
  void reportsElsewhereIfAsked() throws IOException {
    Path token = run("token", 1, "ema_token", 3.25);
    assertThat(mneme("report", token, "--out", folder.resolve("there"))).isZero();
    assertThat(folder.resolve("there/report.html")).exists();
    assertThat(token.resolve("report.html")).doesNotExist();
  }

  @Test
  void comparesFoldersOfRuns() throws IOException {
    run("runs/token-s1", 1, "ema_token", 3.25);
    run("runs/token-s2", 2, "ema_token", 3.25);
    run("runs/dense", 1, "none", 3.0);
    assertThat(mneme("compare", folder.resolve("runs"), "--title", "Study")).isZero();
    assertThat(out.toString())
        .startsWith("# Study\n\n2 configurations, 3 runs\n")
        .containsPattern("\\| token +\\| +2 \\| +3.250 ");
    assertThat(mneme("compare", folder.resolve("runs"), "--out", folder.resolve("out"))).isZero();
    assertThat(folder.resolve("out/comparison.html")).content().startsWith("<!DOCTYPE html>");
    assertThat(folder.resolve("out/comparison.md")).content().startsWith("# Comparison of runs\n");
  }

  @Test
  void foldersWithoutRunsAreRefused() {
    assertThat(mneme("compare", folder)).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "mneme: "
                + folder
                + ": no run is there: found no folder with a config.json or a metrics.jsonl\n");
  }
}
