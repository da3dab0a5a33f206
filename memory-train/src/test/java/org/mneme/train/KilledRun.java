// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.TrainingStart;

/** The training that {@link KillTest} runs in a process of its own: new, or resumed. */
final class KilledRun {
  static final String GOING = "going";

  private KilledRun() {}

  /** Takes a folder for tokenizer and text, and that of the run. */
  public static void main(String[] arguments) {
    try (Tiny tiny = new Tiny(Path.of(arguments[0]))) {
      RunConfig run =
          tiny.run(
              tiny.model(PublishedSystem.EMA_TOKEN)
                  .emaRule(EmaRule.COUNT)
                  .emaPositional(true)
                  .emaUpdateFreq(3)
                  .knowledgeNum(256)
                  .build(),
              Tiny.train()
                  .maxSteps(120)
                  .batchSize(2)
                  .accumulationSteps(2)
                  .logInterval(7)
                  .evalInterval(25)
                  .saveInterval(2)
                  .revivalUnusedUpdates(4)
                  .build());
      try (LanguageModel model = tiny.create(run)) {
        tiny.trainer(model, run, Path.of(arguments[1])).listen(telling()).resume().train();
      }
    }
  }

  private static TrainingListener telling() {
    return new TrainingListener() {
      @Override
      public void started(TrainingStart start) {
        System.out.println(GOING);
      }
    };
  }
}
