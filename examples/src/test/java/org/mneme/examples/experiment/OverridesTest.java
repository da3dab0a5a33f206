// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.examples.Mneme;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.ExperimentConfig.Goal;
import org.mneme.train.config.RunConfig;
import org.mneme.train.testing.ConfigKeys;
import picocli.CommandLine;

class OverridesTest {
  private static final List<String> VALUES =
      List.of(
          "-1",
          "0",
          "1",
          "2147483647",
          "2147483648",
          "9223372036854775808",
          "1e300",
          "-1e300",
          "1e-300",
          "1e400",
          "NaN",
          "Infinity",
          "-Infinity",
          "1.5",
          "010",
          "null",
          "~",
          "",
          " ",
          "text",
          "\"\"",
          "\"text\"",
          "\"x",
          "[]",
          "[1]",
          "[null]",
          "[[1]]",
          "[a, b]",
          "[1",
          "{}",
          "{\"a\": 1}",
          "{a: 1}",
          "{",
          "true",
          "off",
          "*a",
          "&a b",
          "!!int 1",
          "- a",
          "%",
          "|",
          "\0",
          "\uD800",
          "=",
          "a=b");

  private static RunConfig with(String... values) {
    PublishedSystem system = PublishedSystem.EMA_TOKEN;
    return new Overrides(List.of(values))
        .applyTo(PublishedRuns.name(system), PublishedRuns.text(system));
  }

  @Test
  void replacesSingleValuesAndLeavesTheOthers() {
    RunConfig run = with("model.knowledge_num=65536", "data.text_field=body");
    RunConfig before = PublishedRuns.of(PublishedSystem.EMA_TOKEN);
    assertThat(run.model().knowledgeNum()).isEqualTo(65_536);
    assertThat(run.data().textField()).isEqualTo("body");
    assertThat(run.train()).isEqualTo(before.train());
    assertThat(run.experiment()).isEqualTo(before.experiment());
  }

  @Test
  void defaultsFollowTheValuesThatTheyAreMadeOf() {
    RunConfig run = with("model.dim=64", "train.learning_rate=0.01");
    assertThat(run.model().hiddenDim())
        .isEqualTo(ModelConfig.builder().dim(64).build().hiddenDim());
    assertThat(run.train().memoryLearningRate()).isEqualTo(0.01);
  }

  @Test
  void filesGoBeforeThem() {
    Overrides overrides = new Overrides(List.of("train.max_steps=5"));
    RunConfig run = overrides.behindFiles(List.of(Path.of("a.jsonl"))).applyTo("c.json", "{}");
    assertThat(run.data().files()).containsExactly("a.jsonl");
    assertThat(run.train().maxSteps()).isEqualTo(5);
    assertThat(overrides.behindFiles(List.of()).applyTo("c.json", "{}").data().files()).isEmpty();
  }

  @Test
  void fillsInPartsThatAreLeftOut() {
    RunConfig run =
        new Overrides(
                List.of(
                    "experiment.goals.0.metric=\"train.loss\"", "experiment.goals.0.at_most=1.5"))
            .applyTo("c.json", "{}");
    assertThat(run.experiment().goals()).containsExactly(Goal.atMost("train.loss", 1.5));
  }

  @Test
  void replacesWholeLists() {
    RunConfig run = with("model.memory_layers=[2, 5]", "data.files=[\"a.jsonl\", \"b=c.jsonl\"]");
    assertThat(run.model().memoryLayers()).containsExactly(2, 5);
    assertThat(run.data().files()).containsExactly("a.jsonl", "b=c.jsonl");
  }

  @Test
  void listsNeedNoQuotes() {
    RunConfig run =
        with(
            "data.files=[a.jsonl, b=c.jsonl, \"d e.jsonl\"]",
            "experiment.prompts=[the river, 'a, b']",
            "experiment.goals=[{metric: train.loss, at_most: 2}]");
    assertThat(run.data().files()).containsExactly("a.jsonl", "b=c.jsonl", "d e.jsonl");
    assertThat(run.experiment().prompts()).containsExactly("the river", "a, b");
    assertThat(run.experiment().goals()).containsExactly(Goal.atMost("train.loss", 2));
  }

  /** A text that looks like a list of YAML stays a text where the key holds a text. */
  @ParameterizedTest
  @ValueSource(strings = {"[draft]", "[draft] of it", "{x}", "{a: b}", "[a", "{", "'x'", "\"x"})
  void textsInBracketsStayTexts(String text) {
    assertThat(with("experiment.description=" + text).experiment().description()).isEqualTo(text);
    assertThat(with("experiment.hypotheses.0=" + text).experiment().hypotheses()).startsWith(text);
    RunConfig both = with("experiment.description=" + text, "data.files=[a.jsonl]");
    assertThat(both.experiment().description()).isEqualTo(text);
    assertThat(both.data().files()).containsExactly("a.jsonl");
  }

  /** Every key with every odd value, as typed: refused in plain words that name it, or accepted. */
  @Test
  void everyKeyWithEveryOddValueIsRefusedOrWorks() {
    int refused = 0;
    int accepted = 0;
    for (String key : ConfigKeys.of(RunConfig.class)) {
      if (key.indexOf('.') < 0) {
        continue; // parts: refused by the form of the argument
      }
      for (String value : VALUES) {
        String setting = key + "=" + value;
        try {
          RunConfig run = with(setting);
          accepted++;
          JsonConfig configs = new JsonConfig();
          if (!configs.write(run).contains("\"" + value + "\"")) {
            assertThat(value).as(setting).isNotIn("null", "[null]", "NaN", "Infinity", "1e400");
          }
          assertThat(configs.parse("config.json", configs.write(run), RunConfig.class))
              .isEqualTo(run);
        } catch (UserException e) {
          refused++;
          String last = key.replace(".0", "").replaceFirst(".*\\.", "");
          assertThat(e.getMessage()).as(setting).startsWith("--set " + key).contains(last);
          assertThat(e.getMessage())
              .as(setting)
              .doesNotMatch("(?s).*(jackson|snakeyaml|StreamRead|Exception|java\\.|\\(token ).*");
        } catch (RuntimeException | Error e) {
          throw new AssertionError(setting, e);
        }
      }
    }
    System.out.printf("sweep of --set: %d refused, %d accepted%n", refused, accepted);
    assertThat(refused).isGreaterThan(1000);
    assertThat(accepted).isGreaterThan(300);
  }

  /** The same through the parser of the command line: exit code 2 and no stack trace. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.dim=1e300",
        "train.max_steps=NaN",
        "train.seed=",
        "data.files=text",
        "train.learning_rate=-1",
        "model.memory_store=none ",
        "train.groups=[1]",
        "=1",
        "",
        "=",
        "model.=1",
        ".dim=1",
        "model.dim",
        "a.b.c=1",
        "data.files.9=x",
        "model.memory_layers=[[1]]"
      })
  void theCommandLineRefusesThem(String setting) {
    StringWriter err = new StringWriter();
    CommandLine command = Mneme.commandLine().setErr(new PrintWriter(err));
    int exitCode =
        command.execute("train", "no-such.jsonl", "--check", "--set", setting, "--runs", "none");
    assertThat(exitCode).as(err.toString()).isEqualTo(2);
    assertThat(err.toString()).contains("mneme: ").doesNotContain("\tat ");
  }

  @Test
  void replacesAndAppendsInLists() {
    RunConfig run =
        with(
            "experiment.goals.0.at_most=2.4",
            "experiment.goals.3={\"metric\": \"train.loss\", \"at_most\": 2}",
            "experiment.hypotheses.0=It works.");
    assertThat(run.experiment().goals())
        .startsWith(Goal.atMost("validation.loss", 2.4))
        .endsWith(Goal.atMost("train.loss", 2))
        .hasSize(4);
    assertThat(run.experiment().hypotheses()).startsWith("It works.").hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.dimm=512 | did you mean 'dim'?",
        "experiment.goals.0.atmost=2 | did you mean 'at_most'?",
        "modell.dim=512 | unknown key 'modell'; did you mean 'model'?",
        "experiment.goals.4.at_most=2 | '4' is no place in a list, expected 0 to 3",
        "experiment.goals.3.at_most=2 | metric is null",
        "experiment.goals.first=2 | 'first' is no place in a list",
        "model.dim.width=2 | 'dim' is 512, which holds no keys",
        "model=2 | expected part.key=value",
        "memory_layers=1 | did you mean 'model.memory_layers'?",
        "lr=1e-3 | did you mean 'train.learning_rate'?",
        "train.dim=128 | did you mean 'model.dim'? 'dim' belongs to 'model'",
        "train.lr=1e-3 | unknown key 'lr'; did you mean 'learning_rate'?",
        "train.spike_guard=off | such as {action: off}",
        "train.alarms=false | such as {action: off}",
        "model.n_kv_heads=3 | multiple of n_kv_heads (3). The value of n_heads is from the preset",
        "model.dim=\"128\" | expected a whole number without quotes",
        "model.dim | expected part.key=value",
        "model.memory_layers=[2 | memory_layers",
      })
  void refusesWhatCannotBe(String value, String message) {
    assertThatThrownBy(() -> with(value))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("--set " + value)
        .hasMessageContaining(message);
  }

  /** The user has not typed memory_layers, and did not know that the preset has it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"4 | [1, 3]", "5 | [1, 3]", "2 | [1]", "1 | [0]", "3 | [1, 2]"})
  void saysWhichMemoryLayersFitWhereThoseOfThePresetDoNot(int layers, String fitting) {
    PublishedSystem context = PublishedSystem.of("context");
    String source = PublishedRuns.name(context);
    String text = PublishedRuns.text(context);
    List<String> values = List.of("model.n_layers=" + layers, "train.max_steps=2");
    assertThatThrownBy(() -> new Overrides(values).applyTo(source, text))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("--set model.n_layers=" + layers + ": model configuration: ")
        .hasMessageContaining("memory_layers is [2, 5], expected ascending")
        .hasMessageContaining(
            "memory_layers is from the preset configs/context.yaml, which has 8 layers")
        .hasMessageEndingWith("add --set 'model.memory_layers=" + fitting + "'");
    List<String> mended = List.of(values.get(0), "model.memory_layers=" + fitting);
    assertThat(new Overrides(mended).applyTo(source, text).model().nLayers()).isEqualTo(layers);
  }

  @Test
  void namesTheFileOfTheUserAndNotAPreset() {
    String yaml = "model: {n_layers: 6, memory_store: learned, memory_layers: [1, 4]}";
    assertThatThrownBy(() -> new Overrides(List.of("model.n_layers=3")).applyTo("my.yaml", yaml))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith(
            "memory_layers is from my.yaml, which has 6 layers; for n_layers=3 add --set"
                + " 'model.memory_layers=[1, 2]'");
    List<String> typed = List.of("model.n_layers=3", "model.memory_layers=[7]");
    assertThatThrownBy(() -> new Overrides(typed).applyTo("my.yaml", yaml))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith("memory_layers is [7], expected ascending numbers of layers, 0 to 2");
  }

  @Test
  void namesOfManyOverridesTheOnesThatAProblemIsAbout() {
    String[] values = new String[40];
    Arrays.setAll(values, i -> "experiment.next_steps." + i + "=step");
    values[20] = "train.batch_size=0";
    values[21] = "experiment.next_steps.20=step";
    Arrays.setAll(values, i -> i > 21 ? "experiment.next_steps." + (i - 1) + "=step" : values[i]);
    assertThatThrownBy(() -> with(values))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "--set train.batch_size=0: training configuration: batch_size is 0, expected at least"
                + " 1");
  }
}
