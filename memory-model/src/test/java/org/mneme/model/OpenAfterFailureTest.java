// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.testing.FailureSweep;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.DecodingCache;

/** Whatever fails while a model is made, trained, saved or loaded: nothing stays allocated. */
class OpenAfterFailureTest {
  /** Operations are many: every one of so many, which meets all kinds in the course of a step. */
  private static final int STRIDE = 17;

  private static Device device;

  @TempDir private Path directory;

  @BeforeAll
  static void open() {
    device = FailureSweep.openDevice();
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static void createAndTrain(Device on, ModelConfig config, Path directory) {
    try (LanguageModel model = LanguageModel.create(on, config, 3);
        TrainingPass pass = new TrainingPass(model, TinyModels.BATCH, TinyModels.SEQUENCE, 1f)) {
      Optional<EmaUpdater> updater = model.emaUpdater(config.ema().seed(1).build());
      try {
        pass.load(TinyModels.ids(1), TinyModels.targets(2));
        TinyModels.read(model, pass);
        pass.run(true);
        updater.ifPresent(moves -> moves.update(pass.selections(1, true)));
      } finally {
        updater.ifPresent(EmaUpdater::close);
      }
      save(model, directory);
    }
  }

  private static void save(LanguageModel model, Path directory) {
    try {
      model.save(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void loadAndUse(Device on, Path directory) {
    try (LanguageModel model = LanguageModel.load(on, directory);
        Decoder decoder = new Decoder(model)) {
      decoder.append(1, 2, 3);
      decoder.append(4);
      new TokenLosses(model)
          .of(TinyModels.ids(1), TinyModels.targets(2), TinyModels.BATCH, TinyModels.SEQUENCE);
    }
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void aModelThatCannotBeMadeOrTrained(PublishedSystem system) {
    ModelConfig config = TinyModels.of(system);
    FailureSweep sweep = new FailureSweep(device, on -> createAndTrain(on, config, directory));
    assertThat(sweep.allocations()).isGreaterThan(20);
    assertThat(sweep.operations(STRIDE)).isPositive();
  }

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void aModelThatCannotBeLoadedOrUsed(PublishedSystem system) {
    createAndTrain(device, TinyModels.of(system), directory);
    FailureSweep sweep = new FailureSweep(device, on -> loadAndUse(on, directory));
    assertThat(sweep.allocations()).isGreaterThan(20);
    assertThat(sweep.operations(STRIDE)).isPositive();
  }

  @Test
  void aCacheThatCannotBeMade() {
    FailureSweep sweep =
        new FailureSweep(device, on -> new DecodingCache(on, DType.F32, 3, 2, 5, 8).close());
    assertThat(sweep.allocations()).isEqualTo(7);
  }
}
