// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.mneme.eval.report.document.Block;

/** What was chosen among what, and why. */
final class DecisionsSection {
  private DecisionsSection() {}

  static List<Block> blocks(RecordedRun run) {
    Rows rows =
        new Rows(
            Rows.words("decision"), Rows.words("options"), Rows.words("chosen"), Rows.words("why"));
    for (JsonNode decision : run.config().path("experiment").path("decisions")) {
      rows.add(
          decision.path("subject").asText(),
          String.join(", ", RunRecord.texts(decision.path("options"))),
          decision.path("chosen").asText(),
          decision.path("reason").asText());
    }
    return List.of(
        rows.isEmpty()
            ? Block.missing("No decisions were stated (experiment.decisions).")
            : Block.table(rows.table()));
  }
}
