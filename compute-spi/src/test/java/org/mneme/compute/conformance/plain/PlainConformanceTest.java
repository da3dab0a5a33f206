// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance.plain;

import org.mneme.compute.Device;
import org.mneme.compute.conformance.ProviderConformance;

/** Holds the plain device to the kit, and the kit to what a plain device can give. */
class PlainConformanceTest extends ProviderConformance {
  @Override
  protected Device openDevice() {
    return new PlainDevice();
  }
}
