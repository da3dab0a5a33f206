// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.eval.report.markup.Table.Cell;
import org.mneme.eval.report.markup.Table.Column;
import org.mneme.eval.report.markup.Table.Goal;
import org.mneme.eval.report.markup.Table.Row;

class MarkdownTableTest {
  private static final List<Column> COLUMNS =
      List.of(Column.words("run"), Column.numbers("loss", "nats", Goal.LOWEST));

  private static Row row(String name, double loss, boolean aside) {
    return new Row(List.of(Cell.of(name), new Cell(Numbers.fixed(loss, 2), loss)), 0, aside);
  }

  @Test
  void isAlignedAndMarksTheBest() {
    Table table =
        new Table(
            COLUMNS,
            List.of(
                row("plain", 2.5, false),
                row("token | memory\n", 2.25, false),
                row("broken", Double.NaN, false),
                row("reference", 1, true)));
    assertThat(MarkdownTable.render(table))
        .isEqualTo(
            """
            | run              | loss (nats) |
            | :--------------- | ----------: |
            | plain            |        2.50 |
            | token \\| memory  |    **2.25** |
            | broken           |           – |
            | reference        |        1.00 |
            """);
  }

  @Test
  void equalValuesAreNotBest() {
    Table table = new Table(COLUMNS, List.of(row("a", 2, false), row("b", 2, false)));
    assertThat(MarkdownTable.render(table)).doesNotContain("**");
  }

  @Test
  void theLargestCanBeBest() {
    List<Column> columns = List.of(Column.words("run"), Column.numbers("speed", "", Goal.HIGHEST));
    Table table = new Table(columns, List.of(row("a", 1, false), row("b", 2, false)));
    assertThat(table.isBest(table.rows().get(0), 1)).isFalse();
    assertThat(table.isBest(table.rows().get(1), 1)).isTrue();
  }

  @Test
  void rowsMustFit() {
    assertThatThrownBy(() -> new Table(COLUMNS, List.of(new Row(List.of(Cell.of("a")), 0, false))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("table: found a row of 1 cells, expected 2");
  }
}
