// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import java.util.List;
import org.mneme.train.metrics.AlarmReport;
import org.mneme.train.metrics.MemoryMoveReport;
import org.mneme.train.metrics.MemoryReport;
import org.mneme.train.metrics.ProfileReport;
import org.mneme.train.metrics.ResourceReport;
import org.mneme.train.metrics.SkippedReport;
import org.mneme.train.metrics.SpikeReport;
import org.mneme.train.metrics.TrainReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.metrics.TrainingStart;
import org.mneme.train.metrics.ValidationReport;

/** Several listeners as one. */
record Listeners(List<TrainingListener> all) implements TrainingListener {

  @Override
  public void started(TrainingStart start) {
    all.forEach(listener -> listener.started(start));
  }

  @Override
  public void stepped(long step) {
    all.forEach(listener -> listener.stepped(step));
  }

  @Override
  public void reported(TrainReport report) {
    all.forEach(listener -> listener.reported(report));
  }

  @Override
  public void validated(ValidationReport report) {
    all.forEach(listener -> listener.validated(report));
  }

  @Override
  public void memoryUsed(MemoryReport report) {
    all.forEach(listener -> listener.memoryUsed(report));
  }

  @Override
  public void memoryMoved(MemoryMoveReport report) {
    all.forEach(listener -> listener.memoryMoved(report));
  }

  @Override
  public void spiked(SpikeReport report) {
    all.forEach(listener -> listener.spiked(report));
  }

  @Override
  public void skipped(SkippedReport report) {
    all.forEach(listener -> listener.skipped(report));
  }

  @Override
  public void alarmed(AlarmReport report) {
    all.forEach(listener -> listener.alarmed(report));
  }

  @Override
  public void resourcesRead(ResourceReport report) {
    all.forEach(listener -> listener.resourcesRead(report));
  }

  @Override
  public void profiled(ProfileReport report) {
    all.forEach(listener -> listener.profiled(report));
  }

  @Override
  public void saved(long step, Path checkpoint) {
    all.forEach(listener -> listener.saved(step, checkpoint));
  }

  @Override
  public void ended() {
    all.forEach(TrainingListener::ended);
  }
}
