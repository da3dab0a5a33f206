// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportedStepsTest {
  private static List<JsonNode> events(String name, long... steps) {
    List<JsonNode> events = new ArrayList<>();
    for (long step : steps) {
      events.add(JsonNodeFactory.instance.objectNode().put("event", name).put("step", step));
    }
    return events;
  }

  @Test
  void rangesOfStepsAreNamed() {
    ReportedSteps all = new ReportedSteps(20, 40, 2, -1);
    assertThat(all.missing(events("train", 2, 8, 10, 14, 16, 18)))
        .isEqualTo("reports of steps 4 to 6, 12, 20");
    assertThat(all.missing(events("train", 2, 4, 6, 8, 10, 12, 14, 16, 18)))
        .isEqualTo("reports of step 20");
    assertThat(all.missing(List.of())).isEqualTo("reports of steps 2 to 20");
    assertThat(all.missing(events("train", 2, 4, 6, 8, 10, 12, 14, 16, 18, 20))).isEmpty();
  }

  @Test
  void theLastStepIsReportedWhateverTheIntervalIs() {
    ReportedSteps all = new ReportedSteps(10, 10, 4, 0);
    assertThat(all.missing(events("train", 4, 8)))
        .isEqualTo("reports of step 10; validations of step 10");
    assertThat(new ReportedSteps(9, 10, 4, 0).missing(events("train", 4)))
        .isEqualTo("reports of step 8");
  }

  @Test
  void validationsAreListedByThemselves() {
    List<JsonNode> events = events("train", 5, 10);
    events.addAll(events("validation", 6));
    assertThat(new ReportedSteps(12, 30, 5, 3).missing(events))
        .isEqualTo("validations of steps 3, 9 to 12");
    assertThat(new ReportedSteps(12, 30, 0, -1).missing(events)).isEmpty();
  }
}
