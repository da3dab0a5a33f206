// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
  private static final String MASK_PADDING = "mask_padding";

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

  /**
   * Reads the configuration that a run has written into its folder; see {@link #textOfRun}.
   *
   * @throws org.mneme.compute.UserException naming file, line and key of what is wrong
   */
  public static RunConfig readOfRun(Path file) {
    return new JsonConfig().parse(file.toString(), textOfRun(file), RunConfig.class);
  }

  /**
   * Returns the text of the configuration that a run has written into its folder. A version without
   * {@code train.mask_padding} trained the memory with padding: it is false in the text of its
   * runs, so that they continue as they began and are not taken for others.
   *
   * @throws org.mneme.compute.UserException if the file cannot be read or is not JSON
   */
  public static String textOfRun(Path file) {
    JsonConfig json = new JsonConfig();
    String text = JsonConfig.text(file);
    ObjectNode tree = json.parse(file.toString(), text, ObjectNode.class);
    if (tree.path("train") instanceof ObjectNode train && !train.has(MASK_PADDING)) {
      train.put(MASK_PADDING, false);
      return json.write(tree);
    }
    return text;
  }
}
