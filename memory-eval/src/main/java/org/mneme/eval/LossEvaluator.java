// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.google.common.collect.Iterables;
import java.util.Optional;
import java.util.function.Consumer;
import org.mneme.compute.UserException;
import org.mneme.memory.Codebook;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.TokenLosses;
import org.mneme.model.UsageObserver;
import org.mneme.model.layers.SelectionObserver;

/**
 * Measures loss and perplexity of a model, and how it uses its memory meanwhile. Has no state and
 * no chance: the same text gives the same numbers.
 */
public final class LossEvaluator {
  private static final int MOST_USED = 100;

  private final LanguageModel model;
  private final int mostUsed;

  /** Evaluates a model; results list the 100 most used entries of its memory. */
  public LossEvaluator(LanguageModel model) {
    this(model, MOST_USED);
  }

  /**
   * Evaluates a model.
   *
   * @param mostUsed how many of the most used entries of its memory a result lists, at least 0
   */
  public LossEvaluator(LanguageModel model, int mostUsed) {
    this.model = model;
    this.mostUsed = mostUsed;
  }

  /**
   * The loss on whole documents, cut as {@link TextWindows} does.
   *
   * @param batchSize most windows of a batch, at least 1; the result does not depend on it but for
   *     rounding
   * @throws UserException if there is no document, or the tokenizer does not fit the model
   */
  public LossResult evaluate(Iterable<String> documents, TextCodec codec, int batchSize) {
    return evaluate(batches(documents, codec, batchSize));
  }

  /**
   * The loss on prepared batches, which can have different shapes.
   *
   * @throws UserException if no position has a target
   */
  public LossResult evaluate(Iterable<TokenBatch> batches) {
    Optional<Codebook> memory = model.memory();
    if (memory.isEmpty()) {
      return sum(SelectionObserver.NONE, batch -> {}, batches).result(Optional.empty());
    }
    try (UsageObserver usage = new UsageObserver(model.device(), memory.get().entries())) {
      Sum sum = sum(usage, batch -> usage.begin(batch.targets()), batches);
      return sum.result(Optional.of(usage.statistics(mostUsed)));
    }
  }

  /**
   * The loss on documents, in nats per token, with all that is read from the memory set to zero:
   * what the memory contributes is the distance from {@link #evaluate}.
   *
   * @throws IllegalStateException if the model has no memory
   */
  public double withoutReads(Iterable<String> documents, TextCodec codec, int batchSize) {
    return withoutReads(batches(documents, codec, batchSize));
  }

  /** Like {@link #withoutReads(Iterable, TextCodec, int)}, on prepared batches. */
  public double withoutReads(Iterable<TokenBatch> batches) {
    if (model.memory().isEmpty()) {
      throw new IllegalStateException("this model has no memory that could be silenced");
    }
    return sum(new SilencedReads(), batch -> {}, batches).mean();
  }

  private Iterable<TokenBatch> batches(Iterable<String> documents, TextCodec codec, int batchSize) {
    return Iterables.transform(
        new TextWindows(model, codec, documents, batchSize), WindowBatch::tokens);
  }

  private Sum sum(
      SelectionObserver observer, Consumer<TokenBatch> before, Iterable<TokenBatch> batches) {
    TokenLosses losses = new TokenLosses(model, observer);
    Sum sum = new Sum();
    for (TokenBatch batch : batches) {
      int targets = batch.targetCount();
      if (targets > 0) {
        before.accept(batch);
        sum.tokens += targets;
        sum.add(losses.of(batch.ids(), batch.targets(), batch.batch(), batch.sequence()));
      }
    }
    return sum;
  }

  /** Adds losses up in double precision. */
  private static final class Sum {
    private double loss;
    private long tokens;

    void add(float[] losses) {
      for (float value : losses) {
        loss += value;
      }
    }

    double mean() {
      if (tokens == 0) {
        throw new UserException("evaluation: found no tokens, expected at least one document");
      }
      return loss / tokens;
    }

    LossResult result(Optional<UsageStatistics> usage) {
      return new LossResult(mean(), tokens, usage);
    }
  }
}
