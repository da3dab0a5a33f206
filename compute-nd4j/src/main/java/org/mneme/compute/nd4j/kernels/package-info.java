// SPDX-License-Identifier: Apache-2.0

/** The CPU device's kernels, except those of the memory. */
package org.mneme.compute.nd4j.kernels;
