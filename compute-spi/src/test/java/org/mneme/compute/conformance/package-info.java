// SPDX-License-Identifier: Apache-2.0
/**
 * The conformance kit: tests that every provider must pass. A provider extends {@link
 * org.mneme.compute.conformance.ProviderConformance}, gives it a device, and is held in every
 * operation to the plain double-precision versions of the package {@code reference}.
 */
package org.mneme.compute.conformance;
