// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import org.mneme.compute.Device;
import org.mneme.compute.conformance.ProviderConformance;

/** Holds the CPU device to the conformance kit, with an odd number of threads. */
class Nd4jConformanceTest extends ProviderConformance {
  @Override
  protected Device openDevice() {
    return CpuDevice.open(3);
  }
}
