// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.DeviceTest;
import org.mneme.memory.TokenCodebook;

class ContextMemoryTest extends DeviceTest {
  private static final int ENTRIES = 4096;
  private static final int PAD = 0;

  private TokenCodebook codebook;
  private ContextMemory memory;

  private void open(int mostVotes, int frozen) {
    codebook = TokenCodebook.allocate(device, ENTRIES, 2);
    device.transfer().fill(codebook.bank(), 0);
    memory = new ContextMemory(new ContextConfig(List.of(1, 3), mostVotes, frozen), codebook);
  }

  @AfterEach
  void close() {
    if (memory != null) {
      memory.close();
      codebook.close();
    }
  }

  private void remember(int... text) {
    memory.remember(ints(text, 1, text.length), null, PAD);
  }

  /** Reads a text whose positions are numbered from {@code first} on. */
  private void rememberAt(int first, int... text) {
    memory.remember(ints(text, 1, text.length), places(first, text.length), PAD);
  }

  private Tensor places(int first, int count) {
    return ints(IntStream.range(first, first + count).toArray(), count);
  }

  /** Votes and tokens that the last position of a text finds in each slot. */
  private int[][] found(int... text) {
    return foundAt(null, text);
  }

  private int[][] foundAt(Tensor sources, int... text) {
    int length = text.length;
    try (Tensor indices = device.allocate(MemoryTag.WORKSPACE, DType.I32, length, 2);
        Tensor tags = device.allocate(MemoryTag.WORKSPACE, DType.I32, length, 2);
        Tensor tokens = device.allocate(MemoryTag.WORKSPACE, DType.I32, length, 4);
        Tensor kinds = device.allocate(MemoryTag.WORKSPACE, DType.I32, length, 2)) {
      memory.addresses(ints(text, 1, length), indices, tags);
      memory.lookUp(indices, tags, sources, tokens, kinds);
      return new int[][] {intRows(kinds)[length - 1], intRows(tokens)[length - 1]};
    }
  }

  @Test
  void whatFollowedAContextIsFoundWhereItComesAgain() {
    open(16, 0);
    remember(5, 6, 7, 8, 9);
    int[][] found = found(11, 5, 6, 7);
    assertThat(found[0]).containsExactly(1, 1);
    assertThat(found[1]).containsExactly(8, 9, 8, 9);
    assertThat(found(11, 12, 7)[0]).as("of 7 only the last token is known").containsExactly(1, 0);
    assertThat(found(1, 2, 3)[0]).containsExactly(0, 0);
    assertThat(memory.filled()).isEqualTo(6.0 / ENTRIES);
  }

  @Test
  void aPlaceDoesNotFindWhatItHasWrittenItself() {
    open(16, 0);
    memory.keepOrigins();
    rememberAt(100, 5, 6, 7, 8, 9);
    assertThat(foundAt(places(100, 3), 5, 6, 7)[0]).containsExactly(0, 0);
    assertThat(foundAt(places(200, 3), 5, 6, 7)[0]).as("another place").containsExactly(1, 1);
    assertThat(found(5, 6, 7)[0]).as("evaluation").containsExactly(1, 1);

    rememberAt(100, 5, 6, 7, 8, 9);
    assertThat(found(5, 6, 7)[0]).as("it has voted").containsExactly(1, 1);
    rememberAt(200, 5, 6, 7, 8, 3);
    assertThat(found(5, 6, 7)[0]).containsExactly(2, 2);
    assertThat(foundAt(places(100, 3), 5, 6, 7)[1])
        .as("what others wrote after it")
        .containsExactly(8, 3, 8, 3);
    remember(5, 6, 7, 8, 4);
    assertThat(foundAt(places(200, 3), 5, 6, 7)[0]).as("from nowhere").containsExactly(3, 3);
  }

  @Test
  void theMajorityStays() {
    open(16, 0);
    remember(5, 8, 1);
    remember(5, 8, 2);
    remember(5, 9, 3);
    int[][] found = found(5);
    assertThat(found[0][0]).isEqualTo(1);
    assertThat(found[1]).startsWith(8, 2);
    remember(5, 9, 4);
    assertThat(found(5)[1]).as("no vote was left").startsWith(9, 4);
  }

  @Test
  void withOneVoteTheNewestStays() {
    open(1, 0);
    remember(5, 8, 1);
    remember(5, 8, 2);
    remember(5, 9, 3);
    assertThat(found(5)[1]).startsWith(9, 3);
  }

  @Test
  void frozenEntriesAndPaddingStayOut() {
    open(16, ENTRIES);
    remember(5, 6, 7, 8, 9);
    assertThat(memory.filled()).isZero();
    close();
    open(16, 0);
    remember(5, 6, PAD, PAD, PAD);
    assertThat(memory.filled()).isZero();
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new ContextConfig(List.of(2, 2), 16, 0))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("context_lengths is [2, 2]");
    assertThatThrownBy(() -> new ContextConfig(List.of(1), 0, 0))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("context_votes is 0");
  }
}
