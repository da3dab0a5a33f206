// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CudaTransferKernelsTest {
  @Test
  void fillsRoundToEven() {
    float[] values = {1, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1p-8f + 0x1p-20f, -3, -0f, 3.4e38f};
    float[] wanted = {1, 1, 1 + 0x1p-6f, 1 + 0x1p-7f, -3, -0f, Float.POSITIVE_INFINITY};
    for (int i = 0; i < values.length; i++) {
      int bits = CudaTransferKernels.bf16(values[i]) << 16;
      assertThat(Float.intBitsToFloat(bits)).isEqualTo(wanted[i]);
    }
    int nan = CudaTransferKernels.bf16(Float.NaN) << 16;
    assertThat(Float.intBitsToFloat(nan)).isNaN();
  }
}
