// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.eval.facts.AttributeScore;
import org.mneme.eval.facts.FactsEvaluation;
import org.mneme.eval.facts.Phrasing;
import org.mneme.eval.facts.PhrasingScore;
import org.mneme.eval.generate.GenerationEvaluation;
import org.mneme.eval.generate.GenerationMetrics;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.report.document.Sample;

class EvaluationTest {
  @TempDir Path folder;

  private static Evaluation full() {
    MemoryUse use = new MemoryUse(7L, 0.5, 0.25, 1.5, 2.5, 0.75, 32, 0.125);
    GenerationMetrics metrics = new GenerationMetrics(2, 0.5, 12, 0.5, 0.75, 0.1, 0.0, null);
    AttributeScore attribute =
        new AttributeScore("major", 10, 100, 0.5, 3.5, 0.25, 32, -2.5, 30, 66);
    PhrasingScore phrasing =
        new PhrasingScore(
            Phrasing.HELD_OUT, 10, 0.5, 3.5, 0.25, -2.5, 30, 66, 0.5, List.of(attribute));
    return new Evaluation(
        "checkpoint",
        7L,
        "cpu",
        "f32",
        1000,
        2000,
        new TextEvaluation("held-out.jsonl", 2.5, 12.2, 1.25, 100, 400, 3.5, use),
        new GenerationEvaluation(
            1,
            2,
            SamplingConfig.greedy(9),
            metrics,
            metrics,
            List.of(new Sample("a", " b")),
            List.of(new Sample("a", " c"))),
        new FactsEvaluation("facts.jsonl", 20, 10, List.of(phrasing), List.of(phrasing)),
        List.of(use),
        Map.of(),
        Map.of());
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    Path file = folder.resolve(Evaluation.FILE);
    full().write(file);
    assertThat(Evaluation.read(file)).isEqualTo(full());
    assertThat(file)
        .content()
        .contains("\"loss_without_reads\" : 3.5", "\"held_out\"", "\"used_top1\" : 0.25")
        .contains("\"end_token_rate\" : 0.5", "\"repetition4\" : 0.1")
        .doesNotContain("self_bleu");
  }

  @Test
  void whatWasNotMeasuredIsAbsent() throws IOException {
    Path file = folder.resolve(Evaluation.FILE);
    Evaluation little =
        new Evaluation("checkpoint", null, "cpu", "f32", 1, 1, null, null, null, null, null, null);
    little.write(file);
    assertThat(Files.readString(file)).doesNotContain("null", "text", "facts", "step");
    assertThat(Evaluation.read(file)).isEqualTo(little);
  }

  @Test
  void whatIsNotMeasuredAgainIsKeptIfItIsOfTheSameModel() {
    Evaluation full = full();
    Evaluation text =
        new Evaluation(
            "checkpoint", 7L, "cpu", "f32", 1000, 2000, null, null, null, null, null, null);
    assertThat(text.orElse(full)).isEqualTo(full);
    Evaluation later =
        new Evaluation(
            "checkpoint", 8L, "cpu", "f32", 1000, 2000, null, null, null, null, null, null);
    assertThat(later.orElse(full)).isEqualTo(later);
  }

  /** Numbers of bf16 or of a GPU must not pass as those of the CPU in f32. */
  @Test
  void partsOfAnotherDeviceOrTypeSayWhereTheyWereMeasured() throws IOException {
    Evaluation full = full();
    Evaluation none =
        new Evaluation(
            "checkpoint", 7L, "cuda:0", "bf16", 1, 2, null, null, null, null, null, null);
    Evaluation merged = none.orElse(full);
    assertThat(merged.text()).isEqualTo(full.text());
    assertThat(merged.measuredElsewhere())
        .isEqualTo(Map.of("text", "cpu f32", "generation", "cpu f32", "facts", "cpu f32"));
    Path file = folder.resolve(Evaluation.FILE);
    merged.write(file);
    assertThat(Evaluation.read(file)).isEqualTo(merged);

    Evaluation again =
        new Evaluation(
            "checkpoint", 7L, "cpu", "f32", 1, 2, full.text(), null, null, null, null, null);
    assertThat(again.orElse(merged).measuredElsewhere()).isEmpty();
    assertThat(none.orElse(again.orElse(merged)).measuredElsewhere()).hasSize(3);
    assertThat(full.orElse(merged)).isEqualTo(full);
  }

  @Test
  void usageOverTimeIsReadFromMetrics() throws IOException {
    Path metrics = folder.resolve("metrics.jsonl");
    Files.writeString(
        metrics,
        """
        {"event":"start","steps":12}
        {"event":"memory","step":6,"used_any":0.5,"used_top1":0.25,"kl_to_uniform":1.5,"""
            + """
            "entropy":2.5,"gini":0.75,"dead":32,"update_coverage":0.125,"of_later":1}
        {"event":"memory","step":12,"used_any":1,"used_top1":1,"kl_to_uniform":0,"entropy":4,"""
            + """
            "gini":0,"dead":0}
        """);
    assertThat(MemoryUse.history(metrics))
        .containsExactly(
            new MemoryUse(6L, 0.5, 0.25, 1.5, 2.5, 0.75, 32, 0.125),
            new MemoryUse(12L, 1, 1, 0, 4, 0, 0, null));
  }

  /** A crash leaves a half-written line or a hole of NULs: the other lines stay worth something. */
  @Test
  void linesThatCannotBeReadDoNotDiscardTheOthers() throws IOException {
    Path metrics = folder.resolve("metrics.jsonl");
    String use =
        "{\"event\":\"memory\",\"step\":%d,\"used_any\":1,\"used_top1\":1,\"kl_to_uniform\":0,"
            + "\"entropy\":4,\"gini\":0,\"dead\":0}\n";
    Files.writeString(
        metrics,
        use.formatted(6)
            + "\0\0\0\0\0\n{\"event\":\"memory\",\"step\":\"seven\"}\n[1]\n{}{}\n\n"
            + use.formatted(12)
            + "{\"event\":\"mem");
    assertThat(MemoryUse.history(metrics).stream().map(MemoryUse::step)).containsExactly(6L, 12L);
    assertThatThrownBy(() -> MemoryUse.history(folder.resolve("none.jsonl")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("none.jsonl: cannot be read");
  }
}
