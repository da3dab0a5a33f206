// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.model.config.JsonConfig;

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

  /** An attempt that was interrupted and started again says nothing new, which is said. */
  @Test
  void aSecondRunOfOneSeedWithEqualResultsIsLeftOutWithANote() {
    RecordedRun broken = RunFixture.in(runs, "a").seed(1).loss(3).done(20).make().read();
    RunGrouping grouping = new RunGrouping(List.of(broken, run("b", 1, 3)));
    assertThat(grouping.groups().get(0).runs()).extracting(RecordedRun::name).containsExactly("b");
    assertThat(grouping.notes())
        .anyMatch(note -> note.contains("a is left out: it repeats") && note.contains("b with"));
  }

  /** What differs between them was not recorded: averages over them would mean nothing. */
  @Test
  void runsOfOneSeedWithOtherResultsAreRowsOfTheirOwn() {
    RunGrouping grouping = new RunGrouping(List.of(run("a", 1, 3), run("b", 1, 4), run("c", 2, 3)));
    assertThat(grouping.groups()).hasSize(3).allMatch(group -> group.runs().size() == 1);
    assertThat(grouping.notes()).anyMatch(note -> note.contains("are not averaged"));
    assertThat(new RunComparison("All", List.of(run("a", 1, 3), run("b", 1, 4))).document())
        .extracting(document -> document.markdown(), InstanceOfAssertFactories.STRING)
        .contains("came out differently", "2 configurations, 2 runs");
  }

  @Test
  void aRunThatIsGivenTwiceCountsOnce() {
    RecordedRun run = run("a", 1, 3);
    RecordedRun same = RecordedRun.read(runs.resolve(".").resolve("a"));
    RunGrouping grouping = new RunGrouping(List.of(run, same));
    assertThat(grouping.groups()).singleElement().matches(group -> group.runs().size() == 1);
    assertThat(grouping.notes()).anyMatch(note -> note.startsWith("Given more than once"));
  }

  private RecordedRun identified(String name, long seed, String identity) {
    return RunFixture.in(runs, name)
        .seed(seed)
        .make()
        .write("info.json", "{\"identity\": {" + identity + "}}")
        .read();
  }

  private static final String DATA =
      "\"data\": {\"source\": \"%s\", \"tokenizer\": \"t\", \"tokens\": 9}, \"provider\": \"nd4j\"";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"data\": {\"source\": \"b\", \"tokenizer\": \"t\", \"tokens\": 9}, \"provider\": \"nd4j\"",
        "\"data\": {\"source\": \"a\", \"tokenizer\": \"u\", \"tokens\": 9}, \"provider\": \"nd4j\"",
        "\"data\": {\"source\": \"a\", \"tokenizer\": \"t\", \"tokens\": 8}, \"provider\": \"nd4j\"",
        "\"data\": {\"source\": \"a\", \"tokenizer\": \"t\", \"tokens\": 9}, \"provider\": \"cuda\"",
        "\"data\": {\"source\": \"a\", \"tokenizer\": \"t\", \"tokens\": 9}, \"provider\": \"nd4j\","
            + " \"fusion\": \"com.acme.Own@12\"",
        "\"data\": {\"source\": \"a\", \"tokenizer\": \"t\", \"tokens\": 9}, \"provider\": \"nd4j\","
            + " \"commit\": \"12\"",
      })
  void runsThatDifferInDataOrCodeAreNoSeedsOfOneExperiment(String other) {
    List<RunGroup> groups =
        RunGroup.of(
            List.of(
                identified("dense-s1", 1, String.format(Locale.ROOT, DATA, "a")),
                identified("dense-s2", 2, other)));
    assertThat(groups).hasSize(2);
    assertThat(groups).extracting(RunGroup::label).doesNotHaveDuplicates();
    assertThat(groups.get(1).label()).as("says what differs").contains("=");
  }

  @Test
  void equalDataInOtherFilesIsEqualData() {
    RunFixture first = RunFixture.in(runs, "dense-s1").seed(1).make();
    RunFixture second = RunFixture.in(runs, "dense-s2").seed(2).make();
    String identity = "{\"identity\": {" + String.format(Locale.ROOT, DATA, "a") + "}}";
    first.write("info.json", identity);
    String config = JsonConfig.text(second.folder().resolve("config.json"));
    second
        .write("config.json", config.replace("text.jsonl", "moved.jsonl"))
        .write("info.json", identity);
    RunGrouping grouping = new RunGrouping(List.of(first.read(), second.read()));
    assertThat(grouping.groups()).hasSize(1);
    assertThat(grouping.notes()).isEmpty();
    second.write("info.json", "{}");
    grouping = new RunGrouping(List.of(first.read(), second.read()));
    assertThat(grouping.groups()).as("what is not known is not equal").hasSize(2);
    assertThat(grouping.notes()).anyMatch(note -> note.contains("dense-s2"));
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

  /** Settings were read anew for each pair of groups and each setting: hours for this many. */
  @Test
  @Timeout(20)
  void manyNamesakesAreToldApartInTime() {
    List<RecordedRun> runs = new ArrayList<>();
    RecordedRun one = memory("token-s1", 1, 3, "");
    for (int i = 0; i < 1500; i++) {
      ObjectNode config = one.config().deepCopy();
      config.withObject("/model").put("knowledge_num", 64 + i);
      Path folder = one.folder().resolveSibling("token-s" + i);
      runs.add(
          new RecordedRun(
              folder,
              config,
              one.info(),
              one.evaluation(),
              one.metrics(),
              one.findings(),
              1,
              List.of(),
              List.of()));
    }
    assertThat(RunGroup.of(runs))
        .hasSize(1500)
        .extracting(RunGroup::label)
        .contains("token knowledge_num=64", "token knowledge_num=1563");
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
