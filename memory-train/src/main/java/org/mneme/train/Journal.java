// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.TrainingPass;
import org.mneme.train.checkpoint.Progress;
import org.mneme.train.guard.TrainingGuard;
import org.mneme.train.metrics.MemoryMoveReport;
import org.mneme.train.metrics.MemoryReport;
import org.mneme.train.metrics.SkippedReport;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.ValidationReport;
import org.mneme.train.optimizer.AdamWOptimizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads how a training goes, tells it to listeners, and stops what goes wrong. */
final class Journal {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

  private final Device device;
  private final TrainingPlan plan;
  private final TrainingPass pass;
  private final AdamWOptimizer optimizer;
  private final TrainingListener listener;
  private final FiniteGuard finite;
  private final TrainingGuard guard;
  private final TrainingClock clock = new TrainingClock(System::nanoTime);
  private final long tokensPerStep;
  private long reportedStep;
  private double reportedSeconds;
  private double warmUpSeconds;
  private double trainLoss;
  private double judgedLoss;
  private Double validationLoss;
  private long reportedSteps;
  private int skipped;

  Journal(
      LanguageModel model, TrainingPlan plan, TrainingStep training, TrainingListener listener) {
    this.device = model.device();
    this.plan = plan;
    this.pass = training.pass();
    this.optimizer = training.optimizer();
    this.finite = new FiniteGuard(model);
    this.guard =
        new TrainingGuard(
            model, optimizer, plan.config().spikeGuard(), plan.config().alarms(), listener);
    this.listener = new Listeners(List.of(listener, guard));
    this.tokensPerStep = plan.tokensPerStep(model.config().maxSeqLen());
  }

  /**
   * Whether a step shall move nothing, because its loss or its gradient is a spike. Waits for the
   * device, unless nobody judges steps. A step that is not finite moves nothing in any case, and is
   * not judged.
   *
   * @throws UserException if the weights are no longer finite
   */
  boolean skips(long step) {
    if (!guard.judgesSteps()) {
      return false;
    }
    double norm = optimizer.gradientNorm(step);
    if (!Double.isFinite(norm)) {
      requireFiniteWeights(step);
      return false;
    }
    double ce = read(pass.crossEntropy());
    double balance = read(pass.balanceLoss());
    requireFinite(step, ce, balance);
    // Losses add up until they are reported.
    double loss = ce + balance - judgedLoss;
    judgedLoss = ce + balance;
    return guard.skips(step, loss, norm);
  }

  /**
   * Reads losses and gradient norm, which waits for the device.
   *
   * @throws UserException if the weights, a loss or all gradients since the last report are not
   *     finite
   */
  TrainReport read(long step) {
    long steps = step - reportedStep;
    skipped = optimizer.skippedSteps();
    if (skipped > 0) {
      requireFiniteWeights(step);
    }
    if (skipped >= steps) {
      throw notFinite(step, "no gradient of the last " + steps + " steps is finite");
    }
    double ce = read(pass.crossEntropy()) / (steps - skipped);
    double balance = read(pass.balanceLoss()) / (steps - skipped);
    requireFinite(step, ce, balance);
    pass.resetLosses();
    optimizer.setSkippedSteps(0);
    judgedLoss = 0;
    trainLoss = ce + balance;
    double seconds = clock.trainedSeconds();
    TrainReport report =
        new TrainReport(
            step,
            step * tokensPerStep,
            trainLoss,
            ce,
            balance,
            optimizer.learningRate(step),
            optimizer.finiteGradientNorm(),
            steps * tokensPerStep / (seconds - reportedSeconds),
            clock.elapsedSeconds());
    reportedSteps = steps;
    reportedStep = step;
    reportedSeconds = seconds;
    return report;
  }

  private double read(Tensor scalar) {
    return device.transfer().readFloats(scalar)[0];
  }

  private void requireFinite(long step, double ce, double balance) {
    if (!Double.isFinite(ce) || !Double.isFinite(balance)) {
      throw notFinite(step, "cross-entropy is " + ce + ", balance loss " + balance);
    }
  }

  private void requireFiniteWeights(long step) {
    if (!finite.weightsAreFinite()) {
      throw notFinite(step, "the gradient norm is not finite");
    }
  }

  private UserException notFinite(long step, String what) {
    return new UserException(
        String.format(
            Locale.ROOT,
            "step %d: %s, expected finite numbers; %s. Losses were finite up to step %d. A lower"
                + " learning_rate, a longer warm-up or a lower grad_clip may help",
            step,
            what,
            finite.describe(),
            reportedStep));
  }

  /** Called after each step: time up to the end of the warm-up steps says little of the speed. */
  void stepped(long step) {
    if (step == plan.warmUpSteps()) {
      device.synchronize();
      warmUpSeconds = clock.trainedSeconds();
    }
    listener.stepped(step);
  }

  /** Runs work that is no training; its time does not count for the speed. */
  void aside(Runnable work) {
    device.synchronize();
    clock.pausedDuring(work);
  }

  /** Reports what was read. */
  void reported(TrainReport report) {
    listener.reported(report);
    if (skipped > 0) {
      LOG.warn(
          "{} of the {} steps up to step {} changed nothing: their gradient norm was not finite",
          skipped,
          reportedSteps,
          report.step());
      listener.skipped(new SkippedReport(report.step(), skipped, reportedSteps));
      skipped = 0;
    }
  }

  /** Tells what a move of the memory changed. */
  void moved(MemoryMoveReport report) {
    listener.memoryMoved(report);
  }

  /**
   * Tells the outcome of a validation.
   *
   * @throws UserException if its loss is not finite
   */
  void validated(long step, ValidationLoss.Result result, OptionalDouble coverage) {
    if (!Double.isFinite(result.loss())) {
      throw new UserException(
          String.format(
              Locale.ROOT,
              "after step %d: the validation loss is %s over %d targets, expected a finite number;"
                  + " %s",
              step,
              result.loss(),
              result.targets(),
              finite.describe()));
    }
    listener.validated(
        new ValidationReport(step, result.loss(), result.perplexity(), result.targets()));
    validationLoss = result.loss();
    Double touched = coverage.isPresent() ? coverage.getAsDouble() : null;
    result.usage().ifPresent(usage -> listener.memoryUsed(MemoryReport.of(step, usage, touched)));
  }

  /** What was measured and told; the device has nothing left to do. */
  Progress progress() {
    return new Progress(
        reportedStep,
        trainLoss,
        judgedLoss,
        validationLoss,
        clock.trainedSeconds(),
        reportedSeconds,
        warmUpSeconds,
        clock.elapsedSeconds(),
        guard.state());
  }

  /** Goes on from what another journal of this training gave. */
  void restore(Progress progress) {
    reportedStep = progress.reportedStep();
    trainLoss = progress.trainLoss();
    judgedLoss = progress.judgedLoss();
    validationLoss = progress.validationLoss();
    reportedSeconds = progress.reportedSeconds();
    warmUpSeconds = progress.warmUpSeconds();
    clock.goOnFrom(progress.trainedSeconds(), progress.elapsedSeconds());
    guard.restore(progress.guard());
  }

  double trainLoss() {
    return trainLoss;
  }

  /** Over all steps behind the warm-up; the device has nothing left to do. */
  double tokensPerSecond() {
    long steps = plan.steps() - plan.warmUpSteps();
    return steps * tokensPerStep / (clock.trainedSeconds() - warmUpSeconds);
  }

  double elapsedSeconds() {
    return clock.elapsedSeconds();
  }
}
