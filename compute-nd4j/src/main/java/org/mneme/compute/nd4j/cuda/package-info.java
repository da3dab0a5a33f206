// SPDX-License-Identifier: Apache-2.0

/** The GPU provider: CUDA kernels of its own, compiled for the GPU at hand, and cuBLASLt. */
package org.mneme.compute.nd4j.cuda;
