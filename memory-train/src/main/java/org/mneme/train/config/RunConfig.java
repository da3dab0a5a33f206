// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import java.nio.file.Path;
import org.mneme.compute.Device;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.ModelOptions;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;

/**
 * The whole configuration of a run: a tree of which every leaf has a default. A part that is left
 * out has its defaults.
 *
 * @param model what is trained
 * @param train how
 * @param data on what
 * @param watch what is looked at meanwhile
 * @param experiment why, and what it shall show
 */
public record RunConfig(
    ModelConfig model,
    TrainConfig train,
    DataConfig data,
    WatchConfig watch,
    ExperimentConfig experiment) {

  private static final int MOST_POSITIONS = 1 << 26;

  /** Fills in the parts that were left out. */
  public RunConfig {
    model = model == null ? ModelConfig.builder().build() : model;
    train = train == null ? TrainConfig.builder().build() : train;
    data = data == null ? DataConfig.builder().build() : data;
    watch = watch == null ? WatchConfig.builder().build() : watch;
    experiment = experiment == null ? ExperimentConfig.NONE : experiment;
    requireCountable(model, train);
    if (train.revives() && !model.movesByEma()) {
      throw new UserException(
          "training configuration: revival_unused_updates is "
              + train.revivalUnusedUpdates()
              + ", expected 0 for a model without a memory that is moved by EMA");
    }
  }

  /** A micro-batch is in the memory of the host, and is counted in 32 bits. */
  private static void requireCountable(ModelConfig model, TrainConfig train) {
    long positions = (long) train.batchSize() * model.maxSeqLen();
    if (positions > MOST_POSITIONS) {
      throw new UserException(
          "train.batch_size times model.max_seq_len is "
              + positions
              + ", expected at most "
              + MOST_POSITIONS);
    }
  }

  /** A run that is watched by default, without a record of its own. */
  public RunConfig(ModelConfig model, TrainConfig train, DataConfig data) {
    this(model, train, data, null, null);
  }

  /** This configuration of another model. */
  public RunConfig withModel(ModelConfig other) {
    return new RunConfig(other, train, data, watch, experiment);
  }

  /** This configuration trained otherwise. */
  public RunConfig withTrain(TrainConfig other) {
    return new RunConfig(model, other, data, watch, experiment);
  }

  /** This configuration on other text. */
  public RunConfig withData(DataConfig other) {
    return new RunConfig(model, train, other, watch, experiment);
  }

  /** This configuration watched otherwise. */
  public RunConfig withWatch(WatchConfig other) {
    return new RunConfig(model, train, data, other, experiment);
  }

  /** This configuration with another record. */
  public RunConfig withExperiment(ExperimentConfig other) {
    return new RunConfig(model, train, data, watch, other);
  }

  /**
   * A new trainable model of this configuration, all its first values from the seed.
   *
   * @throws org.mneme.compute.UserException if the device does not support the dtype
   */
  public LanguageModel createModel(Device device) {
    ModelOptions options = ModelOptions.training().withComputeType(train.dtype());
    return LanguageModel.create(device, model, options, train.seed());
  }

  /**
   * Reads a configuration from JSON, or from YAML if the file's name ends with {@code .yaml} or
   * {@code .yml}.
   *
   * @throws org.mneme.compute.UserException naming file, line and key of what is wrong
   */
  public static RunConfig read(Path file) {
    return new JsonConfig().read(file, RunConfig.class);
  }
}
