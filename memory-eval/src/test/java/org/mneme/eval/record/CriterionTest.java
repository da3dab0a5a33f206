// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.eval.record.Criterion.Outcome;
import org.mneme.eval.record.Criterion.Verdict;

class CriterionTest {
  private static final Map<String, Double> OWN = Map.of("loss", 2.5, "memory.used_any", 0.3);

  private static Function<String, OptionalDouble> of(Map<String, Double> values) {
    return name ->
        values.containsKey(name) ? OptionalDouble.of(values.get(name)) : OptionalDouble.empty();
  }

  private static Outcome check(String text) {
    return Criterion.parse(text).orElseThrow().check(of(OWN), of(Map.of("loss", 2.6)));
  }

  @ParameterizedTest
  @CsvSource({
    "loss < 2.5, MISSED",
    "loss <= 2.5, MET",
    "loss ≤ 2.5, MET",
    "loss > 2.4999, MET",
    "loss >= 25e-1, MET",
    "memory.used_any > 0.3, MISSED",
    "loss < baseline, MET",
    "loss < baseline - 0.1, MISSED",
    "loss <= baseline + 0.1, MET",
    "loss > baseline, MISSED",
    "memory.used_any > baseline, OPEN",
    "recall > 0, OPEN",
    "loss < 1e+3, MET",
    "loss < +3., MET",
    "loss > .5E-2, MET",
  })
  void isChecked(String text, Verdict verdict) {
    assertThat(check(text).verdict()).isEqualTo(verdict);
  }

  @Test
  void saysWithWhatNumber() {
    assertThat(check("loss < 2").number()).isEqualTo("2.5");
    assertThat(check("loss < baseline - 0.01").number()).isEqualTo("2.5 against 2.59");
    assertThat(check("recall > 1").number()).isEqualTo("not measured");
    assertThat(Criterion.parse("loss<=baseline-0.01").orElseThrow().text())
        .isEqualTo("loss ≤ baseline − 0.01");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "loss",
        "loss < ",
        "loss = 3",
        "loss < much",
        "a b < 3",
        "loss < 1e",
        "loss < 2.x",
        "loss < 1e999"
      })
  void otherTextIsNone(String text) {
    assertThat(Criterion.parse(text)).isEmpty();
  }
}
