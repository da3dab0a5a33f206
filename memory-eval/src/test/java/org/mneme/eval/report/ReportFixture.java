// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Sample;
import org.mneme.eval.report.memory.ContextView;
import org.mneme.eval.report.memory.MemoryEntryView;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.eval.report.memory.TokenChange;

/** Reports that look like real ones. */
final class ReportFixture {
  private static final int STEPS = 400;
  private static final int TOKENS_PER_STEP = 2048;

  private ReportFixture() {}

  static Report report(List<RunSummary> runs) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("device", "cpu, ND4J 1.0.0-M2.1, 2 threads, AVX2");
    environment.put("Java", "17.0.15, OpenJDK 64-Bit Server VM");
    environment.put("system", "Linux amd64");
    return new Report(
        "Quickstart: does a memory help?",
        "WordNet 3.1 glosses and examples · 819,200 tokens each · vocabulary 4,096",
        List.of(
            "Three models are pretrained on the same tokens in the same order. The first has a"
                + " plain feed-forward layer; the other two read from an explicit memory instead."),
        runs,
        6.483,
        environment,
        List.of("./mneme quickstart --seed 42"));
  }

  static Report full() {
    return report(
        List.of(
            run("1.4.0", "1.4.0 no memory", 4.213, 9_800, 1),
            run("1.4.2", "1.4.2 learned vectors", 4.391, 7_900, 2),
            tokenMemory()));
  }

  static RunSummary run(String name, String label, double loss, double speed, long seed) {
    return builder(name, label, loss, speed, seed).build();
  }

  private static RunSummary tokenMemory() {
    RunSummary.Builder builder = builder("1.4.6", "1.4.6 token memory", 4.287, 6_400, 3);
    return builder
        .usage(new MemoryUsage(16_384, 0.984, 0.631, 0.412, 9.292, 0.437, 262, 4.290))
        .pages(
            List.of(
                new MemoryPage(
                    "the most used entries",
                    "Counted over the held-out synsets, all layers.",
                    List.of(changedEntry(), phraseEntry(), uglyEntry(), unchangedEntry()))))
        .setting("store", "ema_token")
        .setting("knowledge_num", "16384")
        .build();
  }

  private static MemoryEntryView changedEntry() {
    return new MemoryEntryView(
        4711,
        15_320,
        tokens(
            List.of("a", " small", " bird", " of", " the", " fin", "ch", " family"),
            List.of("a", " small", " tree", " of", " the", " plant", "ch", " genus")),
        List.of(
            new ContextView("any of several Old World ", "trees", " having small flowers", 0.62),
            new ContextView("a genus of tropical American ", "plants", " with large l", 0.41),
            new ContextView("native to the ", "forests", " of Central Asia", 0.18)));
  }

  private static MemoryEntryView phraseEntry() {
    return new MemoryEntryView(
        902,
        9_214,
        tokens(
            List.of("the", " act", " of", " moving", " some", "thing", ";", " \""),
            List.of("the", " quality", " of", " being", " easily", " moved", ";", " \"")),
        List.of(new ContextView("the trait of being ", "quick", " to take offence", 0.55)));
  }

  private static MemoryEntryView uglyEntry() {
    return new MemoryEntryView(
        13,
        871,
        tokens(
            List.of("</script><b>", " ", "\n", "\t", "", "\u0000", "é", "\u202eabc"),
            List.of("</script><b>", " x", "\n\n", "\t", "&amp;", "\u0001", "日本", "\ud800")),
        List.of(new ContextView("if (a < b && ", "c > d", ") <img onerror=alert(1)>", 1)));
  }

  private static MemoryEntryView unchangedEntry() {
    List<String> same =
        List.of("capital", " of", " France", " and", " its", " largest", " city", ".");
    return new MemoryEntryView(7, 640, tokens(same, same), List.of());
  }

  private static List<TokenChange> tokens(List<String> initial, List<String> current) {
    List<TokenChange> tokens = new ArrayList<>();
    for (int i = 0; i < initial.size(); i++) {
      tokens.add(TokenChange.of(initial.get(i), current.get(i)));
    }
    return tokens;
  }

  private static RunSummary.Builder builder(
      String name, String label, double loss, double speed, long seed) {
    Random random = new Random(seed);
    double[] x = new double[STEPS];
    double[] train = new double[STEPS];
    double[] rate = new double[STEPS];
    double[] checkX = new double[20];
    double[] check = new double[20];
    for (int i = 0; i < STEPS; i++) {
      x[i] = (double) (i + 1) * TOKENS_PER_STEP;
      double clean = loss + (8.35 - loss) * Math.exp(-i / 55.0);
      train[i] = clean - 0.03 + 0.12 * random.nextGaussian();
      rate[i] = speed * (1 - 0.6 * Math.exp(-i / 4.0)) * (1 + 0.03 * random.nextGaussian());
      if (i % 20 == 19) {
        checkX[i / 20] = x[i];
        check[i / 20] = clean;
      }
    }
    return RunSummary.named(name, label)
        .setting("dim", 128)
        .setting("n_layers", 4)
        .setting("batch", "16 × 128")
        .parameters(2_621_440 + 100_000 * seed, 4_718_592 + 300_000 * seed)
        .training((long) STEPS * TOKENS_PER_STEP, STEPS * TOKENS_PER_STEP / speed)
        .trainLoss(new Series(x, train))
        .validationLoss(new Series(checkX, check))
        .tokensPerSecond(new Series(x, rate))
        .finalValidationLoss(check[19])
        .peakMemoryBytes((700 + 90 * seed) << 20)
        .samples(
            List.of(
                new Sample(
                    "A tree is",
                    " a tall perennial woody plant having a main trunk and branches forming a"
                        + " distinct elevated crown; includes both gymnosperms and angiosperms"),
                new Sample("The capital of", " the United States; located in the " + name + ".")));
  }
}
