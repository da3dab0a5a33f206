// SPDX-License-Identifier: Apache-2.0
/**
 * Every operation in plain loops and double precision, written from the formulas of the kernels'
 * documentation; gradients are proved by finite differences in this package's tests.
 */
package org.mneme.compute.conformance.reference;
