// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.config.WatchConfig;

class WatchTest extends TinyTest {
  private static RunConfig run(PublishedSystem system, WatchConfig watch) {
    TrainConfig train = Tiny.train().maxSteps(12).evalInterval(6).saveInterval(5).build();
    return tiny.run(tiny.model(system).build(), train).withWatch(watch);
  }

  @ParameterizedTest
  @EnumSource(
      value = PublishedSystem.class,
      names = {"EMA_TOKEN", "BESIDE"})
  void watchingChangesNoBit(PublishedSystem system) throws IOException {
    WatchConfig nothing = WatchConfig.builder().tensorboard(false).memoryMonitorInterval(0).build();
    WatchConfig all =
        WatchConfig.builder().memoryMonitorInterval(1).profileInterval(3).profileSteps(2).build();
    TrainingResult plain = tiny.train(run(system, nothing), folder.resolve("plain"));
    TrainingResult watched = tiny.train(run(system, all), folder.resolve("watched"));
    assertThat(watched.checkpoint().resolve("model.safetensors"))
        .hasSameBinaryContentAs(plain.checkpoint().resolve("model.safetensors"));
    assertThat(folder.resolve("plain/tensorboard")).doesNotExist();
    assertThat(folder.resolve("watched/tensorboard")).isNotEmptyDirectory();
  }

  @Test
  void memoryIsReadAtItsInterval() {
    WatchConfig watch = WatchConfig.builder().memoryMonitorInterval(5).build();
    tiny.train(run(PublishedSystem.EMA_TOKEN, watch), folder);
    List<ObjectNode> resources = RunFiles.events(folder, "resources");
    assertThat(resources).extracting(event -> event.get("step").asLong()).containsExactly(5L, 10L);
    JsonNode last = resources.get(1);
    long sum =
        StreamSupport.stream(last.get("device").spliterator(), false)
            .mapToLong(JsonNode::asLong)
            .sum();
    assertThat(last.get("device_allocated").asLong()).isEqualTo(sum).isPositive();
    assertThat(last.at("/device/weights").asLong()).isPositive();
    assertThat(last.at("/device/memory_bank").asLong()).isPositive();
    assertThat(last.get("device_reserved").asLong())
        .isGreaterThanOrEqualTo(last.get("device_allocated").asLong());
    assertThat(last.get("heap_used").asLong()).isPositive();
  }

  @Test
  void profilesTellTimeByOperationAndLeaveTraces() throws IOException {
    WatchConfig watch =
        WatchConfig.builder().profileInterval(5).profileSteps(2).traceFiles(1).build();
    tiny.train(run(PublishedSystem.EMA_TOKEN, watch), folder);
    List<ObjectNode> profiles = RunFiles.events(folder, "profile");
    assertThat(profiles).extracting(event -> event.get("step").asLong()).containsExactly(6L, 11L);
    JsonNode first = profiles.get(0);
    assertThat(first.get("steps").asInt()).isEqualTo(2);
    assertThat(names(first.get("phases")))
        .containsExactlyInAnyOrder("data", "gradients", "update", "memory", "validation", "save");
    assertThat(first.at("/calls/adam_w").asLong()).isPositive();
    assertThat(names(first.get("operations"))).contains("attention", "product_key_top_k");
    assertThat(folder.resolve("trace-0000000006.json")).doesNotExist();
    JsonNode trace = new ObjectMapper().readTree(folder.resolve("trace-0000000011.json").toFile());
    long calls =
        StreamSupport.stream(profiles.get(1).get("calls").spliterator(), false)
            .mapToLong(JsonNode::asLong)
            .sum();
    assertThat(trace.get("traceEvents")).hasSizeGreaterThan((int) calls);
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void profilesBeginAtMultiplesOfTheirInterval() {
    WatchConfig watch = WatchConfig.builder().profileInterval(10).profileSteps(3).build();
    assertThat(LongStream.rangeClosed(1, 25).filter(watch::profiles))
        .containsExactly(10L, 11L, 12L, 20L, 21L, 22L);
    assertThat(LongStream.rangeClosed(1, 25).filter(watch::endsProfileAfter))
        .containsExactly(12L, 22L);
  }

  @Test
  void whatIsWrongIsNamed() {
    String json =
        "{\"watch\": {\"profile_interval\": 2, \"profile_steps\": 3, \"trace_files\": -1}}";
    assertThatThrownBy(() -> new JsonConfig().parse("my.json", json, RunConfig.class))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("profile_steps is 3, expected 1 to profile_interval")
        .hasMessageContaining("trace_files is -1");
  }
}
