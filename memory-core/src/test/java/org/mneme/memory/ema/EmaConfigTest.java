// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;

class EmaConfigTest {
  @Test
  void startsFromThePublishedTokenMemory() {
    EmaConfig config = EmaConfig.builder().build();
    assertThat(config.rule()).isEqualTo(EmaRule.PUBLISHED);
    assertThat(config.decay()).isEqualTo(0.9);
    assertThat(config.updateFrequency()).isEqualTo(5);
    assertThat(config.isDue(4)).isFalse();
    assertThat(config.isDue(10)).isTrue();
    assertThat(config.toBuilder().build()).isEqualTo(config);
  }

  @Test
  void roundsTheFrozenShareDown() {
    EmaConfig config = EmaConfig.builder().freezeRatio(0.7).build();
    assertThat(config.frozenEntries(10)).isEqualTo(7);
    assertThat(config.frozenEntries(16)).isEqualTo(11);
  }

  @Test
  void namesASettingOutOfRange() {
    refused(b -> b.decay(1.5), "ema_decay: found 1.5, wanted 0 to 1");
    refused(b -> b.decay(Double.NaN), "ema_decay: found NaN");
    refused(b -> b.updateFrequency(0), "ema_update_freq: found 0, wanted >= 1");
    refused(b -> b.freezeRatio(-0.1), "freeze_ratio: found -0.1, wanted 0 to 1");
    refused(b -> b.laplaceEpsilon(-1), "ema_laplace_epsilon: found -1.0");
    refused(b -> b.chunkRows(0), "ema_chunk_rows: found 0, wanted >= 1");
    refused(
        b -> b.shadowCapacity(8).chunkRows(9), "ema_shadow_capacity must hold one chunk: found 8");
    refused(b -> b.excludedToken(-2), "excluded_token: found -2");
  }

  @Test
  void refusesModifiersOfRulesWithoutFeatures() {
    refused(
        b -> b.rule(EmaRule.EPISODIC).normalised(true),
        "ema_rule episodic copies tokens and has no features: found ema_normalised");
    refused(b -> b.rule(EmaRule.EPISODIC).positional(true), "found ema_positional");
  }

  @Test
  void refusesForVectorsWhatNeedsTokens() {
    refusedForVectors(EmaConfig.builder().rule(EmaRule.SHADOW), "use published, which is the same");
    refusedForVectors(EmaConfig.builder().rule(EmaRule.EPISODIC), "ema_rule episodic");
    refusedForVectors(EmaConfig.builder().positional(true), "positional");
    refusedForVectors(EmaConfig.builder().normalised(true), "normalised");
    EmaConfig.builder().rule(EmaRule.COUNT).build().requireVectors();
  }

  @Test
  void knowsRulesByName() {
    assertThat(EmaRule.of("shadow")).isEqualTo(EmaRule.SHADOW);
    assertThatThrownBy(() -> EmaRule.of("shade"))
        .isInstanceOf(UserException.class)
        .hasMessage("ema_rule: found \"shade\", wanted one of published, shadow, count, episodic");
  }

  private static void refused(UnaryOperator<EmaConfig.Builder> settings, String message) {
    assertThatThrownBy(() -> settings.apply(EmaConfig.builder()).build())
        .isInstanceOf(UserException.class)
        .hasMessageContaining(message);
  }

  private static void refusedForVectors(EmaConfig.Builder settings, String message) {
    EmaConfig config = settings.build();
    assertThatThrownBy(config::requireVectors)
        .isInstanceOf(UserException.class)
        .hasMessageContaining(message);
  }
}
