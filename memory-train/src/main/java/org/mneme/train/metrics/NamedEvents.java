// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Hears every event that has a report as its name and a JSON object, keys in snake case: what a
 * file or another program is told. The names and keys are those of {@code metrics.jsonl}.
 */
public abstract class NamedEvents implements TrainingListener {
  private final JsonMapper mapper =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  /**
   * Takes an event.
   *
   * @param event its name
   * @param report what it tells
   */
  protected abstract void heard(String event, ObjectNode report);

  /** An object whose properties become the keys. */
  protected final ObjectNode tree(Object report) {
    return mapper.valueToTree(report);
  }

  @Override
  public void started(TrainingStart start) {
    heard("start", tree(start));
  }

  @Override
  public void reported(TrainReport report) {
    heard("train", tree(report));
  }

  @Override
  public void validated(ValidationReport report) {
    heard("validation", tree(report));
  }

  @Override
  public void memoryUsed(MemoryReport report) {
    heard("memory", tree(report));
  }

  @Override
  public void memoryMoved(MemoryMoveReport report) {
    heard("memory_update", tree(report));
  }

  @Override
  public void spiked(SpikeReport report) {
    heard("spike", tree(report));
  }

  @Override
  public void skipped(SkippedReport report) {
    heard("skipped", tree(report));
  }

  @Override
  public void alarmed(AlarmReport report) {
    heard("alarm", tree(report));
  }

  @Override
  public void resourcesRead(ResourceReport report) {
    heard("resources", tree(report));
  }

  @Override
  public void profiled(ProfileReport report) {
    heard("profile", tree(report));
  }
}
