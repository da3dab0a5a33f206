// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mneme.eval.report.markup.MarkdownTable;

class ComparisonTablesTest {
  @Test
  void comparesTheRunsOfAReport() {
    assertThat(MarkdownTable.render(ComparisonTables.results(ReportFixture.full())))
        .contains("| 1.4.6 token memory    |")
        .contains("| unigram entropy       |")
        .contains("**4.216**");
    assertThat(MarkdownTable.render(ComparisonTables.memoryUsage(ReportFixture.full())))
        .contains("loss without reads (nats)")
        .contains("16,384");
  }
}
