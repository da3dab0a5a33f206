// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.layers.SelectionObserver;

/** Asks a model. */
final class Questioner {
  /** Questions whose candidates are in memory at one time. */
  private static final int AT_ONCE = 1024;

  private final FactTokens tokens;
  private final ContinuationScorer scorer;

  Questioner(
      LanguageModel model, TextCodec codec, Candidates candidates, SelectionObserver observer) {
    this.tokens = new FactTokens(codec, candidates, model.config().maxSeqLen());
    this.scorer = new ContinuationScorer(model, codec, observer);
  }

  List<FactAnswer> ask(List<Fact> facts) {
    List<FactAnswer> answers = new ArrayList<>();
    for (List<Fact> some : Lists.partition(facts, AT_ONCE)) {
      answers.addAll(askSome(some));
    }
    return answers;
  }

  private List<FactAnswer> askSome(List<Fact> facts) {
    List<Continuation> right = new ArrayList<>();
    List<Continuation> all = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    for (Fact fact : facts) {
      starts.add(all.size());
      all.addAll(tokens.continuations(fact));
      right.add(all.get(starts.get(starts.size() - 1)));
    }
    starts.add(all.size());
    boolean[] recalled = scorer.areGreedy(right);
    double[] scores = scorer.logProbabilities(all);
    List<FactAnswer> answers = new ArrayList<>();
    for (int i = 0; i < facts.size(); i++) {
      int from = starts.get(i);
      int to = starts.get(i + 1);
      int rank = rank(scores, from, to);
      answers.add(new FactAnswer(facts.get(i), recalled[i], rank, to - from, scores[from]));
    }
    return answers;
  }

  /** The place of the first score; what is not certainly less comes before it. */
  private static int rank(double[] scores, int from, int to) {
    int rank = 1;
    for (int other = from + 1; other < to; other++) {
      rank += scores[other] < scores[from] ? 0 : 1;
    }
    return rank;
  }
}
