// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import org.junit.jupiter.api.Assumptions;
import org.mneme.compute.DeviceStatus;

/** Opens the first GPU for tests; without one they are skipped, with the reason. */
final class Gpu {
  private Gpu() {}

  static CudaDevice open() {
    CudaProvider provider = new CudaProvider();
    DeviceStatus status = provider.probe().get(0);
    Assumptions.assumeTrue(status.available(), status.deviceId() + ": " + status.detail());
    return (CudaDevice) provider.open(status.deviceId());
  }
}
