// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.eval.report.document.Document;

class RunComparisonTest {
  @TempDir Path runs;

  @Test
  void comparesAtEqualTokensAndAtEqualComputation() {
    RecordedRun wide =
        RunFixture.in(runs, "wide").model("\"hidden_dim\": 640").loss(2.8).make().read();
    Document document =
        new RunComparison(
                "Study",
                List.of(
                    wide,
                    RunFixture.in(runs, "dense-s1").seed(1).loss(3).make().read(),
                    RunFixture.in(runs, "dense-s2").seed(2).loss(3.1).make().read(),
                    RunFixture.in(runs, "half").model("\"dim\": 32").done(20).make().read()))
            .document();
    String text = document.markdown();
    assertThat(text)
        .startsWith("# Study\n\n3 configurations, 4 runs\n")
        .containsPattern("\\| dense +\\| +2 \\| +3.050 ± 0.071 ")
        .containsPattern("\\| half +\\| not finished ")
        .contains("Equal tokens are 40.0k,")
        .contains("**2.800**");
  }

  @Test
  void theCheaperSystemHasSeenMoreTokensForTheSame() {
    RecordedRun dense = RunFixture.in(runs, "dense").loss(3).make().read();
    RecordedRun wide =
        RunFixture.in(runs, "wide").model("\"hidden_dim\": 4096").loss(2.99).make().read();
    double ratio = wide.modelFlops() / dense.modelFlops();
    assertThat(ratio).isGreaterThan(4);
    double tokens = 40_000 / ratio;
    String text = new RunComparison("Study", List.of(dense, wide)).document().markdown();
    // The wide one has no validation as early as that: nothing is made up.
    assertThat(tokens).isLessThan(10_000);
    assertThat(text)
        .containsPattern(
            "\\| wide +\\| +1 \\| +\\*\\*2.990\\*\\* \\| +−0.010 \\| +– \\| +[\\d,]+ \\| +– \\|");
  }
}
