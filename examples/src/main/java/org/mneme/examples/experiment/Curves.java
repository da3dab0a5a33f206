// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.report.Series;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.TrainingStart;
import org.mneme.train.metrics.ValidationReport;

/** Keeps the curves of a training for its report. */
final class Curves implements TrainingListener {
  private final List<double[]> trainLoss = new ArrayList<>();
  private final List<double[]> validationLoss = new ArrayList<>();
  private final List<double[]> speed = new ArrayList<>();
  private long tokensPerStep;

  @Override
  public void started(TrainingStart start) {
    tokensPerStep = start.tokensPerStep();
  }

  @Override
  public void reported(TrainReport report) {
    trainLoss.add(new double[] {report.tokens(), report.ce()});
    speed.add(new double[] {report.tokens(), report.tokensPerSecond()});
  }

  @Override
  public void validated(ValidationReport report) {
    double tokens = (double) report.step() * tokensPerStep;
    validationLoss.add(new double[] {tokens, report.loss()});
  }

  Series trainLoss() {
    return series(trainLoss);
  }

  Series validationLoss() {
    return series(validationLoss);
  }

  Series speed() {
    return series(speed);
  }

  private static Series series(List<double[]> points) {
    return new Series(
        points.stream().mapToDouble(point -> point[0]).toArray(),
        points.stream().mapToDouble(point -> point[1]).toArray());
  }
}
