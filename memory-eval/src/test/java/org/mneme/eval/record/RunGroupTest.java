// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunGroupTest {
  private static final String TOKENS = "\"memory_store\": \"ema_token\"";

  @TempDir Path runs;

  private RecordedRun run(String name, long seed, double loss) {
    return RunFixture.in(runs, name).seed(seed).loss(loss).make().read();
  }

  private RecordedRun memory(String name, long seed, double loss, String more) {
    return RunFixture.in(runs, name).model(TOKENS + more).seed(seed).loss(loss).make().read();
  }

  @Test
  void runsThatDifferInTheirSeedOnlyAreOne() {
    List<RunGroup> groups =
        RunGroup.of(
            List.of(
                run("dense-s1", 1, 3.0),
                memory("token-20260101-120000", 1, 3.2, ""),
                run("dense-s2", 2, 3.1),
                run("dense-s3", 3, 3.2)));
    assertThat(groups).extracting(RunGroup::label).containsExactly("dense", "token");
    Spread loss = groups.get(0).measure("validation_loss");
    assertThat(loss.n()).isEqualTo(3);
    assertThat(loss.mean()).isCloseTo(3.1, within(1e-9));
    assertThat(loss.deviation()).isCloseTo(0.1, within(1e-9));
    assertThat(loss.text(2)).isEqualTo("3.10 ± 0.10");
    assertThat(groups.get(1).measure("validation_loss").text(2)).isEqualTo("3.20");
  }

  @Test
  void aSecondRunOfOneSeedSaysNothingNew() {
    RecordedRun broken = RunFixture.in(runs, "a").seed(1).loss(9).done(20).make().read();
    RunGroup group = RunGroup.of(List.of(broken, run("b", 1, 3))).get(0);
    assertThat(group.runs()).extracting(RecordedRun::name).containsExactly("b");
  }

  @Test
  void unfinishedRunsDoNotCount() {
    RecordedRun half = RunFixture.in(runs, "a").seed(1).loss(9).done(20).make().read();
    RunGroup group = RunGroup.of(List.of(half, run("b", 2, 3))).get(0);
    assertThat(group.runs()).hasSize(2);
    assertThat(group.measure("validation_loss")).isEqualTo(new Spread(3, Double.NaN, 1));
    assertThat(group.tokens()).isEqualTo(40_000);
  }

  @Test
  void namesakesAreToldApartByTheirSettings() {
    String rule = ", \"ema_rule\": \"count\"";
    List<RunGroup> groups =
        RunGroup.of(
            List.of(
                memory("token-s1", 1, 3, ", \"ema_rule\": \"shadow\""),
                memory("token-s2", 2, 3, rule),
                memory("token-seed3", 3, 3, rule)));
    assertThat(groups)
        .extracting(RunGroup::label)
        .containsExactly("token ema_rule=shadow", "token ema_rule=count");
  }

  @Test
  void keysThatAnOlderRunDoesNotHaveStandAtTheirDefaults() {
    List<RunGroup> groups =
        RunGroup.of(
            List.of(
                memory("token-s1", 1, 3, ""),
                memory("token-s2", 2, 3, ", \"freeze_ratio\": 0.0"),
                memory("token-s3", 3, 3, ", \"freeze_ratio\": 0.5")));
    assertThat(groups)
        .extracting(RunGroup::label)
        .containsExactly("token freeze_ratio=0.0", "token freeze_ratio=0.5");
    assertThat(groups.get(0).runs()).hasSize(2);
  }

  @Test
  void pairsAreOfEqualSeeds() {
    RunGroup dense = RunGroup.of(List.of(run("d1", 1, 3), run("d2", 2, 4))).get(0);
    RunGroup token =
        RunGroup.of(
                List.of(memory("t2", 2, 4.2, ""), memory("t1", 1, 3.4, ""), memory("t7", 7, 9, "")))
            .get(0);
    Spread difference = token.pairedDifference(dense, 40_000);
    assertThat(difference.n()).isEqualTo(2);
    assertThat(difference.mean()).isCloseTo(0.3, within(1e-9));
    assertThat(difference.deviation()).isCloseTo(Math.sqrt(0.02), within(1e-9));
  }

  @Test
  void lossesAreReadBetweenValidations() {
    RunGroup group = RunGroup.of(List.of(run("d1", 1, 3))).get(0);
    assertThat(group.lossAt(35_000).mean()).isCloseTo(3.05, within(1e-9));
    assertThat(group.lossAt(41_000).n()).isZero();
  }
}
