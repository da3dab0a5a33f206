// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.eval.report.document.Document;
import org.mneme.eval.report.document.Sample;
import org.mneme.eval.report.memory.ContextView;
import org.mneme.eval.report.memory.MemoryEntryView;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.eval.report.memory.TokenChange;
import org.xml.sax.InputSource;

class RunRecordTest {
  private static final String EXPERIMENT =
      """
      "version": "1.4.6", "description": "Tokens that a person can read",
      "question": "Is a readable memory used?",
      "hypotheses": ["It pays [validation_loss < baseline]",
                     "It is used [knock_out > 0.1 and memory.used_any > 0.3]",
                     "People like it"],
      "decisions": [{"subject": "memory_store", "options": ["learned", "ema_token"],
                     "chosen": "ema_token", "reason": "it can be read"}],
      "goals": [{"metric": "validation.loss", "at_most": 2.5},
                {"metric": "memory.used_any", "at_least": 0.3},
                {"metric": "evaluation.facts.phrasings.train.exact_recall", "at_least": 0.5}],
      "next_steps": ["train the end token"]
      """;

  private static final String EVALUATION =
      """
      {"checkpoint": "step-40", "text": {"source": "held out", "loss": 3.0, "loss_without_reads": 3.25},
       "generation": {"metrics": {"texts": 4, "end_token_rate": 0.25, "distinct1": 0.5},
                      "samples": [{"prompt": "A tree", "text": " is <b>tall</b>"}]},
       "facts": {"phrasings": [{"phrasing": "train", "exact_recall": 0.125, "bits": 99},
                               {"phrasing": "held_out", "exact_recall": 0.0625}],
                 "without_reads": [{"phrasing": "train", "exact_recall": 0.03125}]}}
      """;

  @TempDir Path runs;

  private RunFixture token(String name) {
    return RunFixture.in(runs, name)
        .model("\"memory_store\": \"ema_token\"")
        .experiment(EXPERIMENT)
        .make();
  }

  private RecordedRun dense(String name, long seed, double loss) {
    return RunFixture.in(runs, name).seed(seed).loss(loss).make().read();
  }

  private static void mustParse(String html) throws Exception {
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  @Test
  void tellsTheWholeStory() throws Exception {
    MemoryEntryView entry =
        new MemoryEntryView(
            17,
            300,
            List.of(TokenChange.of("old", "phrase")),
            List.of(new ContextView("before ", "here", " after", 0.5)));
    RunFixture fixture =
        token("token-s1-20260101-120000")
            .write("evaluation.json", EVALUATION)
            .write(
                "info.json", "{\"command\": \"./mneme train x\", \"device\": {\"id\": \"cpu\"}}");
    List<MemoryPage> pages = List.of(new MemoryPage("Most used", "", List.of(entry)));
    new Findings(3.5, 2.9, null, List.of(), pages, null, null).write(fixture.folder());
    RecordedRun run = fixture.read();
    Document document =
        new RunRecord(run, List.of(dense("dense-s1", 1, 3.1), dense("dense-s2", 2, 3.3)))
            .document();
    String text = document.markdown();

    assertThat(text)
        .startsWith("# Experiment 1.4.6\n\nTokens that a person can read · finished, 40 steps")
        .contains("Is a readable memory used?")
        .containsPattern(
            "\\| It pays +\\| ✓ confirmed +\\| validation_loss \\\\< baseline: 3 against 3.2")
        .containsPattern(
            "\\| It is used +\\| ✓ confirmed +\\| knock_out > 0.1: 0.25; memory.used_any")
        .containsPattern("\\| People like it +\\| ○ open ")
        .containsPattern(
            "\\| memory_store +\\| learned, ema_token +\\| ema_token +\\| it can be read")
        .containsPattern("\\| validation.loss ≤ 2.5 +\\| ✗ missed +\\| +3 \\|")
        .containsPattern("\\| memory.used_any ≥ 0.3 +\\| ✓ met +\\| +0.4 \\|")
        .containsPattern("exact_recall ≥ 0.5 +\\| ✗ missed +\\| +0.125 \\|")
        .contains("- validation loss: 3.000 nats; perplexity 20.1 · 0.50 below unigram")
        .contains("- against dense: −0.200 nats; at equal tokens")
        .containsPattern("\\| dense +\\| +2 \\| +3.200 ± 0.141 ")
        .containsPattern("\\| +40.0k \\| +3.000 \\| +3.200 ± 0.141 \\| +−0.100 \\| +1 \\|")
        .contains("> A tree is \\<b>tall\\</b>")
        .contains("**#17** chosen 300×: `phrase`, before `old`")
        .contains("train the end token")
        .contains("./mneme train x\n./mneme train --config ")
        .contains("- device.id: cpu")
        .containsPattern("\\| metrics.jsonl +\\| +[\\d,]+ \\|")
        .doesNotContain("What is missing")
        .doesNotContain("NaN");
    mustParse(document.html());
    assertThat(document.html()).doesNotContain("<b>tall").doesNotContain("http");
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    RecordedRun run = RunFixture.in(runs, "bare").write("metrics.jsonl", "").read();
    Document document = new RunRecord(run, List.of()).document();
    assertThat(document.markdown())
        .startsWith("# bare\n\nnot begun")
        .contains("There is no config.json")
        .contains("There is no info.json")
        .contains("There is no evaluation.json")
        .contains("There are no events in metrics.jsonl")
        .doesNotContain("NaN");
    mustParse(document.html());
  }

  @Test
  void theEndOfTheTrainingStandsInForAnEvaluation() throws IOException {
    RunFixture fixture = token("found");
    new Findings(
            null,
            3.0,
            3.25,
            List.of(new Sample("A", " b")),
            List.of(),
            Map.of("device", "cuda:0"),
            List.of("./mneme train y"))
        .write(fixture.folder());
    RecordedRun run = fixture.read();
    assertThat(run.measure("knock_out")).hasValue(0.25);
    assertThat(run.samples()).containsExactly(new Sample("A", " b"));
    assertThat(new RunRecord(run, List.of()).document().markdown())
        .contains("- device: cuda:0")
        .contains("\n./mneme train y\n");
    RecordedRun evaluated = fixture.write("evaluation.json", EVALUATION).read();
    assertThat(evaluated.samples()).extracting(Sample::prompt).containsExactly("A tree");
  }

  @Test
  void brokenFilesAreSaidToBeBroken() {
    RecordedRun run =
        token("broken").write("evaluation.json", "{\"text\": ").write("info.json", "[]").read();
    assertThat(run.gaps())
        .anyMatch(gap -> gap.startsWith("evaluation.json cannot be read ("))
        .anyMatch(gap -> gap.startsWith("info.json holds no JSON object"));
    assertThat(new RunRecord(run, List.of()).document().markdown())
        .contains("Is a readable memory");
  }

  @Test
  void runsThatGoOnHaveARecord() throws Exception {
    RunFixture fixture = token("going-on").done(15).make();
    String metrics = Files.readString(fixture.folder().resolve("metrics.jsonl"));
    fixture.write("metrics.jsonl", metrics + fixture.start(15) + "{\"event\":\"tr");
    String text = new RunRecord(fixture.read(), List.of()).document().markdown();
    assertThat(text)
        .contains("not finished: 15 of 40 steps")
        .containsPattern("\\| validation.loss ≤ 2.5 +\\| ✗ not yet +\\|")
        .contains("- interruptions: 1; taken up again after step 15")
        .contains("Lines of metrics.jsonl that could not be read: 1.");
  }

  @Test
  void tellsWhatTheTrainingTook() throws IOException {
    RunFixture fixture = token("watched");
    String metrics = Files.readString(fixture.folder().resolve("metrics.jsonl"));
    fixture.write(
        "metrics.jsonl",
        metrics
            + "{\"event\":\"resources\",\"step\":40,\"device_allocated\":3221225472}\n"
            + "{\"event\":\"profile\",\"step\":40,\"operations\":{\"linear\":0.03,\"silu\":0.01}}\n"
            + "{\"event\":\"alarm\",\"step\":30,\"message\":\"memory is dead\"}\n");
    assertThat(new RunRecord(fixture.read(), List.of()).document().markdown())
        .containsPattern("\\| +40.0k \\| +3 \\|")
        .containsPattern("\\| linear +\\| +30.0 \\| +75.0 \\|")
        .containsPattern("\\| alarm +\\| +30 \\| memory is dead \\|");
  }

  @Test
  void isWrittenTwice() throws IOException {
    RecordedRun run = token("written").read();
    new RunRecord(run, List.of()).write(run.folder());
    assertThat(run.folder().resolve("report.md")).content().startsWith("# Experiment 1.4.6");
    assertThat(run.folder().resolve("report.html")).content().startsWith("<!DOCTYPE html>");
    String first = Files.readString(run.folder().resolve("report.md"));
    RecordedRun again = RecordedRun.read(run.folder());
    assertThat(new RunRecord(again, List.of()).document().markdown())
        .as("the record does not list itself")
        .isEqualTo(first);
  }

  @Test
  void otherFoldersAreRefused() {
    assertThatThrownBy(() -> RecordedRun.read(runs))
        .isInstanceOf(UserException.class)
        .hasMessage(
            runs + ": not the folder of a run: found neither config.json nor metrics.jsonl");
  }
}
