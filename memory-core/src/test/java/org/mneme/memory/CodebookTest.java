// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.mneme.compute.Tensor;

class CodebookTest extends DeviceTest {
  @Test
  void leavesABankOpenThatWasHandedIn() {
    Tensor bank = ints(new int[][] {{1, 2, 3}, {4, 5, 6}});
    try (TokenCodebook codebook = TokenCodebook.around(bank)) {
      assertThat(codebook.entries()).isEqualTo(2);
      assertThat(codebook.width()).isEqualTo(3);
      assertThat(codebook.read(1)).containsExactly(4, 5, 6);
    }
    assertThat(bank.isClosed()).isFalse();
  }

  @Test
  void closesABankThatItAllocated() {
    VectorCodebook codebook = VectorCodebook.allocate(device, 4, 2);
    Tensor bank = codebook.bank();
    device.transfer().fill(bank, 0.5);
    assertThat(codebook.read(3)).containsExactly(0.5f, 0.5f);
    codebook.close();
    assertThat(bank.isClosed()).isTrue();
  }

  @Test
  void namesABankOfAnotherKind() {
    Tensor bank = ints(new int[][] {{1, 2, 3}, {4, 5, 6}});
    assertThatThrownBy(() -> VectorCodebook.around(bank))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bank: found I32 [2, 3], wanted F32 [M, width]");
  }
}
