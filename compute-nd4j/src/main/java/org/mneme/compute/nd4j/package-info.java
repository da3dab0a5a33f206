// SPDX-License-Identifier: Apache-2.0

/** The CPU provider: storage by ND4J, matrix products by OpenBLAS, own kernels for the rest. */
package org.mneme.compute.nd4j;
