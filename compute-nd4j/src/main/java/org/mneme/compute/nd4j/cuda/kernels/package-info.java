// SPDX-License-Identifier: Apache-2.0

/** The neural, matrix, transfer, random and optimiser operations of the CUDA device. */
package org.mneme.compute.nd4j.cuda.kernels;
