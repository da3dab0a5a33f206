// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;

class CheckpointTest extends OnDevice {
  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> aLoadedModelGivesTheSameLosses() {
    return TinyModels.all().stream()
        .map(config -> DynamicTest.dynamicTest(TinyModels.name(config), () -> roundTrip(config)));
  }

  private void roundTrip(ModelConfig config) throws IOException {
    try (LanguageModel model = LanguageModel.create(device, config, 11)) {
      model.save(directory);
      try (LanguageModel loaded = LanguageModel.load(device, directory)) {
        assertThat(loaded.config()).isEqualTo(config);
        assertThat(losses(loaded)).isEqualTo(losses(model));
      }
    }
  }

  private static float[] losses(LanguageModel model) {
    return new TokenLosses(model)
        .of(TinyModels.ids(1), TinyModels.targets(2), TinyModels.BATCH, TinyModels.SEQUENCE);
  }

  /** What a save takes outside of the heap would stay there until the collector runs. */
  @Test
  void savingAgainTakesNoMemoryOutsideOfTheHeap() throws IOException {
    try (LanguageModel model =
        LanguageModel.create(device, TinyModels.of(PublishedSystem.EMA_TOKEN), 11)) {
      model.save(directory);
      long before = directBytes();
      for (int i = 0; i < 8; i++) {
        model.save(directory);
      }
      long file = Files.size(directory.resolve("model.safetensors"));
      assertThat(directBytes()).isLessThan(before + file / 2);
    }
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void refusesACheckpointOfAnotherShape() throws IOException {
    save(PublishedSystem.GATED_MLP);
    ModelConfig wider =
        TinyModels.of(PublishedSystem.GATED_MLP).toBuilder().knowledgeDim(12).build();
    new JsonConfig().write(directory.resolve("config.json"), wider);
    assertThatThrownBy(() -> LanguageModel.load(device, directory))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("model.safetensors")
        .hasMessageContaining("layers.0.memory_fusion.gate_proj.weight")
        .hasMessageContaining("[24, 54]")
        .hasMessageContaining("[24, 60]");
  }

  @Test
  void refusesACheckpointOfAnotherSystem() throws IOException {
    save(PublishedSystem.GATED_MLP);
    ModelConfig other = TinyModels.of(PublishedSystem.ORIGINAL);
    new JsonConfig().write(directory.resolve("config.json"), other);
    assertThatThrownBy(() -> LanguageModel.load(device, directory))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is no part of the model");
  }

  /** A few words in a small file would have been answered with an allocation of terabytes. */
  @Test
  void refusesAConfigurationThatTheFileIsTooSmallFor() throws IOException {
    for (PublishedSystem system : List.of(PublishedSystem.GATED_MLP, PublishedSystem.EMA_TOKEN)) {
      save(system);
      ModelConfig huge = TinyModels.of(system).toBuilder().knowledgeNum(1 << 30).build();
      new JsonConfig().write(directory.resolve("config.json"), huge);
      assertThatThrownBy(() -> LanguageModel.load(device, directory))
          .isInstanceOf(UserException.class)
          .hasMessageContaining(directory.resolve("model.safetensors").toString())
          .hasMessageContaining("expected");
    }
  }

  @Test
  void refusesATruncatedCheckpoint() throws IOException {
    save(PublishedSystem.EMA_TOKEN);
    Path file = directory.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
    assertThatThrownBy(() -> LanguageModel.load(device, directory))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesWhatIsNotThere() throws IOException {
    Path missing = directory.resolve("missing");
    assertThatThrownBy(() -> LanguageModel.load(device, missing))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(missing.toString());
    Files.createDirectory(missing);
    assertThatThrownBy(() -> LanguageModel.load(device, missing))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("config.json");
  }

  @Test
  void refusesAnUnknownKey() throws IOException {
    save(PublishedSystem.ORIGINAL);
    Path config = directory.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config).replace("\"n_heads\"", "\"n_headz\""),
        StandardOpenOption.TRUNCATE_EXISTING);
    assertThatThrownBy(() -> LanguageModel.load(device, directory))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("config.json:5")
        .hasMessageContaining("unknown key 'n_headz'; did you mean 'n_heads'?");
  }

  private void save(PublishedSystem system) throws IOException {
    try (LanguageModel model = LanguageModel.create(device, TinyModels.of(system), 1)) {
      model.save(directory);
    }
  }
}
