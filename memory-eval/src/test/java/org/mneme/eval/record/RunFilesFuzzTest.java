// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.model.io.testing.Damage;

/**
 * Files of a run folder with random damage: each is read as far as it can be, with a note of what
 * cannot, or refused with its name.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunFilesFuzzTest {
  private static final int INPUTS = 20_000;

  /** One in so many is put into a group: that takes some times longer than to read a run. */
  private static final int GROUPED = 50;

  /** A report of one in so many: to write one takes a hundred times longer than to read a run. */
  private static final int REPORTED = 500;

  private static final Pattern INTERNALS =
      Pattern.compile(
          "(jackson|StreamRead|JsonRead|Exception|java\\.|Source:|`[A-Z]\\w|\\(token `|\\n)");

  private static final String EVALUATION =
      """
      {"checkpoint":"step-1","step":1,"device":"cpu","dtype":"f32","trainable_parameters":1,
       "total_parameters":2,"text":{"source":"s","documents":2,"loss":2.5,"perplexity":12,
       "bits_per_byte":1,"tokens":9,"bytes":9,"loss_without_reads":3,"usage":{"step":1,
       "used_any":0.5,"used_top1":0.2,"kl_to_uniform":1,"entropy":2,"gini":0.3,"dead":4}},
       "generation":{"prompts":1,"samples":[{"prompt":"a","text":"b"}]},
       "facts":{"phrasings":[{"phrasing":"train","exact_recall":0.5}]},
       "unmeasured":{"facts":"none"}}
      """;
  private static final String FINDINGS =
      """
      {"unigram_entropy":3.5,"samples":[{"prompt":"a","text":"b"}],"memory_pages":[{"title":"t",
       "description":"","entries":[{"index":1,"useCount":2,"tokens":[{"initial":"a","current":"b",
       "changed":true}],"contexts":[{"before":"a","token":"b","after":"c","weight":0.5}]}]}],
       "environment":{"Java":"17"},"reproduce":["./mneme train"]}
      """;
  private static final String INFO =
      """
      {"version":"1","started":"2026-01-01","command":"./mneme train","versions":{"mneme":"1",
       "commit":"12","libraries":["a"]},"machine":{"cores":2},"memory_bytes":{"weights":12},
       "data":[{"name":"t","files":[{"path":"a","bytes":1}],"source_sha256":"ab",
       "tokenizer_sha256":"cd"}],"identity":{"data":{"source":"ab","tokens":9},"provider":"nd4j"}}
      """;
  private static final String CONFIG =
      """
      {"model":{"memory_store":"ema_token","dim":64,"n_layers":2,"n_heads":4,"n_kv_heads":2,
       "vocab_size":500,"max_seq_len":50,"knowledge_num":1024,"memory_layers":[0,1]},
       "train":{"learning_rate":0.001,"seed":3,"groups":{"norms":{"clip":0.5}}},
       "data":{"files":["text.jsonl"]},"experiment":{"version":"1.4","question":"Q",
       "hypotheses":["h"],"goals":[{"metric":"validation_loss","at_most":2.5}],"decisions":["d"],
       "baseline":"other","next_steps":["n"]}}
      """;
  private static final String METRICS =
      """
      {"event":"start","steps":4,"tokens_per_step":100,"parameters":7}
      {"event":"train","step":2,"tokens":200,"ce":4,"lr":0.1,"device":{"weights":8}}
      {"event":"memory","step":2,"used_any":0.5,"used_top1":0.2,"gini":0.1,"dead":3}
      {"event":"validation","step":4,"loss":3,"perplexity":20}
      {"event":"alarm","step":4,"kind":"dead","message":"many are dead"}
      {"event":"start","steps":4,"tokens_per_step":100,"parameters":7,"step":4}
      """;

  private FileSystem files;
  private Path folder;

  /** In memory: a disk would take longer than all readers. */
  @BeforeEach
  void open() {
    files = Jimfs.newFileSystem(Configuration.unix());
    folder = files.getPath("/runs/run");
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private static String whole(String name) {
    return switch (name) {
      case "info.json" -> INFO;
      case "config.json" -> CONFIG;
      case "metrics.jsonl" -> METRICS;
      case Evaluation.FILE -> EVALUATION;
      default -> FINDINGS;
    };
  }

  private static Path write(Path run, String... names) throws IOException {
    Files.createDirectories(run);
    for (String name : names) {
      Files.writeString(run.resolve(name), whole(name));
    }
    return run;
  }

  /** Runs a check on damaged files; all faults but those that a user is told of fail. */
  private static void fuzz(
      Path file,
      String whole,
      int inputs,
      long seed,
      Consumer<String> refusal,
      Consumer<Integer> use)
      throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < inputs; i++) {
      byte[] bytes = Damage.of(whole, random);
      Files.write(file, bytes);
      try {
        use.accept(i);
      } catch (UserException e) {
        refusal.accept(e.getMessage());
      } catch (RuntimeException | Error e) {
        String shown = new String(bytes, StandardCharsets.UTF_8);
        throw new AssertionError(
            "input " + i + ": <" + shown.substring(0, Math.min(3000, shown.length())) + ">", e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "info.json, 20000, 11",
    "evaluation.json, 2000, 12", // 20,000 in EvaluationFuzzTest
    "findings.json, 20000, 13",
    "config.json, 20000, 14",
    "metrics.jsonl, 2000, 15" // 20,000 below
  })
  void reportAndComparisonAreWrittenWhateverAFileHolds(String name, int inputs, long seed)
      throws IOException {
    String[] all = {"info.json", "config.json", "metrics.jsonl", Evaluation.FILE, Findings.FILE};
    RecordedRun intact = RecordedRun.read(write(folder.resolveSibling("other"), all));
    assertThat(intact.gaps()).isEmpty();
    int known = RecordedRun.read(write(folder, "metrics.jsonl", name)).gaps().size();
    int[] gaps = {0};
    fuzz(
        folder.resolve(name),
        whole(name),
        inputs,
        seed,
        message -> {
          throw new AssertionError("refused: " + message);
        },
        i -> {
          RecordedRun run = RecordedRun.read(folder);
          gaps[0] += run.gaps().size() == known ? 0 : 1;
          assertThat(run.gaps()).noneMatch(gap -> INTERNALS.matcher(gap).find());
          if (i % GROUPED == 0) {
            assertThat(RunGroup.of(List.of(run, intact))).isNotEmpty();
          }
          if (i % REPORTED == 0) {
            RunRecord record = new RunRecord(run, List.of(intact));
            assertThat(record.document().markdown()).contains("## ");
            assertThat(record.document().html()).contains("</html>");
            RunComparison comparison = new RunComparison("all", List.of(run, intact));
            assertThat(comparison.document().markdown()).contains("## ");
          }
        });
    System.out.printf("fuzz %s: %d inputs, seed %d, %d with gaps%n", name, inputs, seed, gaps[0]);
    assertThat(gaps[0]).isBetween(inputs / 5, inputs - 1);
  }

  /** Whatever is damaged in a line, the lines around it count. */
  @Test
  void linesAroundADamagedOneCount() throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("metrics.jsonl");
    String line = "{\"event\":\"memory\",\"step\":2,\"gini\":0.1,\"inner\":{\"a\":[1]}}";
    Random random = new Random(17);
    for (int i = 0; i < INPUTS; i++) {
      byte[] bytes = Damage.of(line, random);
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      text.writeBytes("{\"event\":\"first\",\"step\":1}\n".getBytes(StandardCharsets.UTF_8));
      text.writeBytes(bytes);
      text.writeBytes("\n{\"event\":\"last\",\"step\":3}".getBytes(StandardCharsets.UTF_8));
      Files.write(file, text.toByteArray());
      MetricsLog log = MetricsLog.read(file);
      assertThat(log.kinds()).as(text.toString(StandardCharsets.UTF_8)).contains("first", "last");
      assertThat(log.series("last", "step").size()).isOne();
    }
  }
}
