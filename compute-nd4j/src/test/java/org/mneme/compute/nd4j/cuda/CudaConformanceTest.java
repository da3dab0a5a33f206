// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import org.mneme.compute.Device;
import org.mneme.compute.conformance.ProviderConformance;

/** Holds the GPU to the conformance kit. */
@NeedsGpu
class CudaConformanceTest extends ProviderConformance {
  @Override
  protected Device openDevice() {
    return new CudaProvider().open(NeedsGpu.DEVICE);
  }
}
