// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import org.mneme.compute.Device;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.TokenLosses;
import org.mneme.model.TrainingPass;
import org.mneme.model.UsageObserver;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.train.data.Batch;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.Batches;

/**
 * The mean cross-entropy of a model on batches, always the same ones, and the use of its memory
 * over them. It changes nothing of the model.
 */
public final class ValidationLoss implements AutoCloseable {
  private static final int MOST_USED = 100;

  private final Batches batches;
  private final Device device;
  private final int limit;
  private final UsageObserver observer;
  private final TokenLosses losses;

  /**
   * A validation on the first batches.
   *
   * @param limit how many; 0 for all
   */
  public ValidationLoss(LanguageModel model, Batches batches, int limit) {
    checkArgument(limit >= 0, "limit is %s, expected at least 0", limit);
    this.batches = batches;
    this.device = model.device();
    this.limit = limit;
    this.observer =
        model
            .memory()
            .map(memory -> new UsageObserver(model.device(), memory.entries()))
            .orElse(null);
    this.losses = new TokenLosses(model, observer == null ? SelectionObserver.NONE : observer);
  }

  /** Evaluates the model as it is now. */
  public Result evaluate() {
    if (observer != null) {
      observer.reset();
    }
    double sum = 0;
    long targets = 0;
    BatchIterator iterator = batches.once();
    for (int done = 0; iterator.hasNext() && (limit == 0 || done < limit); done++) {
      Batch batch = iterator.next().shortened(device);
      if (observer != null) {
        observer.begin(batch.targets());
      }
      sum += sum(batch);
      targets += batch.targetCount();
    }
    Optional<UsageStatistics> usage =
        observer == null ? Optional.empty() : Optional.of(observer.statistics(MOST_USED));
    return new Result(sum / targets, targets, usage);
  }

  private double sum(Batch batch) {
    float[] all = losses.of(batch.inputIds(), batch.targets(), batch.batch(), batch.sequence());
    double sum = 0;
    for (int i = 0; i < all.length; i++) {
      sum += batch.targets()[i] == TrainingPass.MASKED ? 0 : all[i];
    }
    return sum;
  }

  @Override
  public void close() {
    if (observer != null) {
      observer.close();
    }
  }

  /**
   * The outcome.
   *
   * @param loss mean cross-entropy of a target, in nats
   * @param targets that were predicted
   * @param usage of the memory at the positions that predicted them; empty without a memory
   */
  public record Result(double loss, long targets, Optional<UsageStatistics> usage) {
    /** exp(loss). */
    public double perplexity() {
      return Math.exp(loss);
    }
  }
}
