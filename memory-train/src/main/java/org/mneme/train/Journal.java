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
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.ValidationReport;
import org.mneme.train.optimizer.AdamWOptimizer;

/** Reads how a training goes, tells it to listeners, and stops what goes wrong. */
final class Journal {
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
   * device, unless nobody judges steps.
   *
   * @throws UserException if they are not finite
   */
  boolean skips(long step) {
    if (!guard.judgesSteps()) {
      return false;
    }
    double ce = read(pass.crossEntropy());
    double balance = read(pass.balanceLoss());
    double norm = optimizer.gradientNorm(step);
    requireFinite(step, ce, balance, norm);
    // Losses add up until they are reported.
    double loss = ce + balance - judgedLoss;
    judgedLoss = ce + balance;
    return guard.skips(step, loss, norm);
  }

  /**
   * Reads losses and gradient norm, which waits for the device.
   *
   * @throws UserException if they are not finite
   */
  TrainReport read(long step) {
    long steps = step - reportedStep;
    double ce = read(pass.crossEntropy()) / steps;
    double balance = read(pass.balanceLoss()) / steps;
    double norm = optimizer.gradientNorm(step);
    pass.resetLosses();
    judgedLoss = 0;
    requireFinite(step, ce, balance, norm);
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
            norm,
            steps * tokensPerStep / (seconds - reportedSeconds),
            clock.elapsedSeconds());
    reportedStep = step;
    reportedSeconds = seconds;
    return report;
  }

  private double read(Tensor scalar) {
    return device.transfer().readFloats(scalar)[0];
  }

  private void requireFinite(long step, double ce, double balance, double norm) {
    if (Double.isFinite(ce) && Double.isFinite(balance) && Double.isFinite(norm)) {
      return;
    }
    throw new UserException(
        String.format(
            Locale.ROOT,
            "step %d: cross-entropy is %s, balance loss %s, gradient norm %s, expected finite"
                + " numbers; %s. Losses were finite up to step %d. A lower learning_rate, a"
                + " longer warm-up or a lower grad_clip may help",
            step,
            ce,
            balance,
            norm,
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

  /** Tells what was read. */
  void reported(TrainReport report) {
    listener.reported(report);
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

  /** Forgets what was not reported yet: the next report is of the steps from now on. */
  void skipTo(long step) {
    pass.resetLosses();
    judgedLoss = 0;
    reportedStep = step;
    reportedSeconds = clock.trainedSeconds();
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
