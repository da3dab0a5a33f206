// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import java.nio.file.Path;

/**
 * Hears how a training goes. Called from the training thread, between operations on the device: a
 * listener may use the model, and what it throws ends the training.
 */
public interface TrainingListener {

  /** The training begins, or goes on after a resume: see {@link TrainingStart#stepsDone}. */
  default void started(TrainingStart start) {}

  /** A step was handed to the device; it need not be done. */
  default void stepped(long step) {}

  /** Losses and speed were read. */
  default void reported(TrainReport report) {}

  /** The model was evaluated on text that it does not learn from. */
  default void validated(ValidationReport report) {}

  /** The use of the memory in a validation was counted. */
  default void memoryUsed(MemoryReport report) {}

  /** An update of the memory was measured. */
  default void memoryMoved(MemoryMoveReport report) {}

  /** A loss or a gradient norm was far above those before it. */
  default void spiked(SpikeReport report) {}

  /** Steps changed nothing because their gradient was not finite. */
  default void skipped(SkippedReport report) {}

  /** Something was found dead. */
  default void alarmed(AlarmReport report) {}

  /** The memory in use was read. */
  default void resourcesRead(ResourceReport report) {}

  /** Steps were profiled. */
  default void profiled(ProfileReport report) {}

  /** A checkpoint is complete. */
  default void saved(long step, Path checkpoint) {}

  /** The training has ended, well or not. */
  default void ended() {}
}
