// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.mneme.compute.UserException;

class MemoryShapeTest {
  @Test
  void takesThePublishedExtents() {
    MemoryShape shape = new MemoryShape(1_048_576, 8, 128, 8);
    assertThat(shape.subKeys()).isEqualTo(1024);
  }

  @Test
  void namesTheNearestSquares() {
    assertThatThrownBy(() -> new MemoryShape(65_000, 8, 128, 8))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "knowledge_num must be a square (product keys): found 65000, nearest 64516 or 65025");
  }

  @Test
  void refusesNoEntries() {
    assertThatThrownBy(() -> new MemoryShape(0, 8, 128, 1))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("found 0, nearest 1");
  }

  @Test
  void refusesMoreSelectionsThanSubKeys() {
    assertThatThrownBy(() -> new MemoryShape(16, 8, 128, 5))
        .isInstanceOf(UserException.class)
        .hasMessage("num_selected must be 1 to 4 (the square root of knowledge_num = 16): found 5");
    assertThatThrownBy(() -> new MemoryShape(16, 8, 128, 0)).isInstanceOf(UserException.class);
  }

  @Test
  void refusesAnOddQueryWidth() {
    assertThatThrownBy(() -> new MemoryShape(16, 8, 127, 2))
        .isInstanceOf(UserException.class)
        .hasMessage("knowledge_dim must be even (two key halves) and >= 2: found 127");
    assertThatThrownBy(() -> new MemoryShape(16, 8, 0, 2)).isInstanceOf(UserException.class);
  }

  @Test
  void refusesEntriesWithoutTokens() {
    assertThatThrownBy(() -> new MemoryShape(16, 0, 128, 2))
        .isInstanceOf(UserException.class)
        .hasMessage("knowledge_length must be >= 1: found 0");
  }
}
