// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;
import org.mneme.memory.ema.EmaConfig;

class ModelConfigTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(PublishedSystem.class)
  void writesAndReadsTheSame(PublishedSystem system) throws IOException {
    Path file = directory.resolve("config.json");
    ModelConfig config = system.config().memoryLayers(List.of(2, 5)).build();
    new JsonConfig().write(file, config);
    assertThat(new JsonConfig().read(file, ModelConfig.class)).isEqualTo(config);
  }

  @Test
  void hasThePublishedSizes() {
    ModelConfig config = PublishedSystem.EMA_TOKEN.config().build();
    assertThat(config.hiddenDim()).isEqualTo(1408);
    assertThat(config.keysPerHalf()).isEqualTo(1024);
    assertThat(config.layersWithMemory()).hasSize(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"knowledge_num\": 1000 | knowledge_num | 1000",
        "\"num_selected\": 300 | num_selected | 300",
        "\"dim\": 500 | dim is 500 | multiple of n_heads (32)",
        "\"n_kv_heads\": 5 | n_heads is 32 | multiple of n_kv_heads (5)",
        "\"knowledge_dim\": 7 | knowledge_dim | even",
        "\"memory_layers\": [3, 8] | memory_layers | 0 to 7",
        "\"ema_decay\": 1.5 | ema_decay | 1.5",
        "\"freeze_ratio\": -1 | freeze_ratio | -1",
        "\"ema_laplace_epsilon\": -1 | ema_laplace_epsilon | -1",
        "\"ema_shadow_capacity\": -5 | ema_shadow_capacity | -5",
        "\"ema_laplace_eps\": 1 | unknown key | did you mean 'ema_laplace_epsilon'?",
        "\"memory_fusion\": \"besides\" | memory_fusion | besides",
        "\"dim\": \"wide\" | dim | wide",
        "\"dim\": 51.5 | dim | 51.5",
        "\"dimm\": 512 | unknown key 'dimm' | did you mean 'dim'?",
        "\"dim\": 512, \"dim\": 512 | model.json:1 | dim",
      })
  void refusesWhatCannotBe(String setting, String where, String found) {
    String json = "{\"memory_store\": \"ema_token\", " + setting + "}";
    assertThatThrownBy(() -> new JsonConfig().parse("model.json", json, ModelConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("model.json:1")
        .hasMessageContaining(where)
        .hasMessageContaining(found);
  }

  @Test
  void reportsAllFaultsAtOnce() {
    ModelConfigBuilder builder =
        ModelConfig.builder().memoryStore(MemoryStore.LEARNED).dim(500).knowledgeNum(1000);
    assertThatThrownBy(builder::build)
        .hasMessageContaining("dim is 500")
        .hasMessageContaining("knowledge_num");
  }

  @Test
  void learnedEntriesCannotBeFrozen() {
    ModelConfigBuilder builder =
        ModelConfig.builder().memoryStore(MemoryStore.LEARNED).freezeRatio(0.5);
    assertThatThrownBy(builder::build)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("freeze_ratio is 0.5, expected 0 with memory_store learned");
  }

  @Test
  void handsTheSettingsOfEmaOn() {
    ModelConfig config =
        PublishedSystem.EMA_TOKEN.config().emaLaplaceEpsilon(0.25).emaShadowCapacity(100).build();
    EmaConfig ema = config.toBuilder().build().ema().build();
    assertThat(ema.laplaceEpsilon()).isEqualTo(0.25);
    assertThat(ema.shadowCapacity()).isEqualTo(100);
    assertThat(ema.chunkRows()).isEqualTo(100);
    assertThat(config.toBuilder().emaShadowCapacity(0).build().ema().build().chunkRows())
        .isEqualTo(EmaConfig.DEFAULT_CHUNK_ROWS);
  }

  @Test
  void namesTheSystemsThatThereAre() {
    assertThatThrownBy(() -> PublishedSystem.of("1.4.3"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("1.4.3")
        .hasMessageContaining("1.4.6, beside");
  }
}
