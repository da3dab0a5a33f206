// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.train.folder.RunFolder;
import picocli.CommandLine;

/**
 * A run is the same under every locale. Under Turkish, configurations once held {@code publıshed}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LocaleTest {
  /** Letters and digits that formatting and case mapping produce under the locales below. */
  private static final String FOREIGN = "[ıİ٠-٩٬٫]";

  @TempDir static Path directory;

  private final Locale usual = Locale.getDefault();
  private Path text;
  private RunFolder expected;

  @BeforeAll
  void trainUnderTheRootLocale() throws IOException {
    text = directory.resolve("text.jsonl");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      lines.add("{\"text\": \"The Ibis waits IN THE RIVER at mile " + i * 1234 + ".\"}");
    }
    Files.write(text, lines);
    expected = train(Locale.ROOT);
  }

  @AfterAll
  void restore() {
    Locale.setDefault(usual);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr-TR", "ar-EG", "de-DE"})
  void trainsAndReportsTheSame(String tag) throws IOException {
    RunFolder run = train(Locale.forLanguageTag(tag));
    assertThat(run.config()).hasSameTextualContentAs(expected.config());
    assertThat(lossOf(run)).isEqualTo(lossOf(expected));
    assertThat(Files.readString(run.info())).doesNotContainPattern(FOREIGN);
    assertThat(Files.readString(run.report())).doesNotContainPattern(FOREIGN);
    assertThat(Files.readString(run.metrics())).doesNotContainPattern(FOREIGN);
    assertThat(mneme("compare", expected.root().toString(), run.root().toString()))
        .doesNotContainPattern(FOREIGN);
    Locale.setDefault(Locale.ROOT);
    mneme("train", "--resume", run.root().toString(), "--check");
  }

  private static JsonNode lossOf(RunFolder run) throws IOException {
    Path evaluation = run.root().resolve("evaluation.json");
    return new JsonMapper().readTree(Files.readString(evaluation)).path("text").path("loss");
  }

  private RunFolder train(Locale locale) throws IOException {
    Locale.setDefault(locale);
    Path runs = directory.resolve("runs-" + locale.toLanguageTag());
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("train", text.toString(), "--system", "1.4.6"));
    arguments.addAll(List.of("--name", "run", "--runs", runs.toString()));
    for (String setting :
        List.of(
            "model.vocab_size=280",
            "model.dim=16",
            "model.n_layers=2",
            "model.n_heads=2",
            "model.n_kv_heads=1",
            "model.max_seq_len=64",
            "model.memory_layers=[]",
            "model.memory_fusion=GATED_MLP",
            "model.knowledge_num=16",
            "model.knowledge_dim=8",
            "model.knowledge_length=4",
            "model.num_selected=2",
            "train.max_steps=2",
            "train.batch_size=4",
            "train.accumulation_steps=1",
            "train.memory_init=TEXT",
            "data.packing=packed",
            "data.validation_fraction=0.1",
            "data.shards=" + directory.resolve("shards"))) {
      arguments.addAll(List.of("--set", setting));
    }
    assertThat(mneme(arguments.toArray(String[]::new))).doesNotContainPattern(FOREIGN);
    try (Stream<Path> folders = Files.list(runs)) {
      return new RunFolder(folders.findFirst().orElseThrow());
    }
  }

  private static String mneme(String... arguments) {
    StringWriter printed = new StringWriter();
    PrintWriter writer = new PrintWriter(printed);
    CommandLine command = Mneme.commandLine().setOut(writer).setErr(writer);
    assertThat(command.execute(arguments)).as(printed::toString).isZero();
    return printed.toString();
  }
}
