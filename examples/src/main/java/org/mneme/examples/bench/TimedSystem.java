// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import java.util.Optional;
import java.util.SplittableRandom;
import org.mneme.compute.Device;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.model.LanguageModel;
import org.mneme.model.TrainingPass;
import org.mneme.model.config.ModelConfig;
import org.mneme.train.optimizer.AdamWOptimizer;
import org.mneme.train.optimizer.LearningRateSchedule;
import org.mneme.train.optimizer.OptimizerConfig;
import org.mneme.train.optimizer.ScheduleForm;

/** A model with all that a training step needs, fed with random tokens. */
final class TimedSystem implements AutoCloseable {
  private final LanguageModel model;
  private final TrainingPass pass;
  private final AdamWOptimizer optimizer;
  private final Optional<EmaUpdater> ema;
  private final SplittableRandom random = new SplittableRandom(7);
  private final int tokens;
  private long step;

  TimedSystem(Device device, ModelConfig config, BenchShape shape) {
    this.model = LanguageModel.create(device, config, 1);
    this.pass = new TrainingPass(model, shape.batch(), shape.sequence(), 1f);
    this.optimizer =
        new AdamWOptimizer(
            device,
            model.parameters(),
            new OptimizerConfig(
                2e-4,
                2e-4,
                new LearningRateSchedule(ScheduleForm.CONSTANT, 0, 1, 0),
                0.01,
                0.9,
                0.95,
                1e-8,
                1.0));
    this.ema = model.emaUpdater(config.ema().build());
    this.tokens = Math.toIntExact(shape.tokensPerStep());
  }

  long parameters() {
    return model.parameters().table().parameterCount();
  }

  /** One whole step: forward, backward, clip, AdamW and, when it is due, EMA. */
  void step() {
    step++;
    boolean emaDue = ema.isPresent() && step % model.config().emaUpdateFreq() == 0;
    pass.load(randomTokens(), randomTokens());
    optimizer.zeroGradients();
    pass.resetLosses();
    pass.run(emaDue);
    optimizer.measure();
    optimizer.prepare(step);
    optimizer.update();
    if (emaDue) {
      ema.get().update(pass.selections(step, false));
    }
  }

  private int[] randomTokens() {
    return random.ints(tokens, 0, model.config().vocabSize()).toArray();
  }

  @Override
  public void close() {
    ema.ifPresent(EmaUpdater::close);
    optimizer.close();
    pass.close();
    model.close();
  }
}
