// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.mneme.train.data.DataPosition;

/**
 * What a training was at when it was saved: all that it needs to go on and that is no tensor.
 *
 * @param format of the checkpoint, {@value #FORMAT}
 * @param steps optimiser steps done
 * @param plannedSteps optimiser steps of the whole training
 * @param tokens positions trained, padding included
 * @param position of the next sequence of the data
 * @param data what it learns from
 * @param progress what was measured and told
 * @param metricsBytes length of the file of metrics
 * @param settings the configuration of the run
 * @param versions of what trained it, by name
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TrainerState(
    int format,
    long steps,
    long plannedSteps,
    long tokens,
    DataPosition position,
    DataIdentity data,
    Progress progress,
    long metricsBytes,
    ObjectNode settings,
    Map<String, String> versions) {
  /** The format that is written and read. */
  public static final int FORMAT = 1;

  /** Checks that the format is one that can be read, and all that a training relies on. */
  public TrainerState {
    Stored.require(format == FORMAT, "format", format, FORMAT);
    Stored.present("position", position);
    Stored.present("data", data);
    Stored.present("progress", progress);
    Stored.present("settings", settings);
    Stored.present("versions", versions);
    Stored.require(steps >= 0 && steps <= plannedSteps, "steps", steps, "0 to " + plannedSteps);
    Stored.require(tokens >= 0, "tokens", tokens, "0 or more");
    Stored.require(metricsBytes >= 0, "metrics_bytes", metricsBytes, "0 or more");
    long sequences = data.sequencesPerEpoch();
    Stored.require(
        position.index() < sequences,
        "position.index",
        position.index(),
        "a number in [0, " + sequences + ")");
    // A sequence has one position at least: more sequences cannot have been handed out.
    double read = (double) position.epoch() * sequences + position.index();
    Stored.require(
        read <= tokens, "position", position, "at most " + tokens + " sequences, one a token");
    Stored.require(
        progress.reportedStep() <= steps,
        "progress.reported_step",
        progress.reportedStep(),
        "at most " + steps + ", the steps done");
    long lowSince = progress.guard().alarms().usage().lowSince();
    Stored.require(
        lowSince <= steps,
        "progress.guard.alarms.usage.low_since",
        lowSince,
        "at most " + steps + ", the steps done");
    versions = Map.copyOf(versions);
  }
}
