// SPDX-License-Identifier: Apache-2.0

/** CUDA programs: compiled by NVRTC for the GPU at hand, cached, loaded, and their kernels. */
package org.mneme.compute.nd4j.cuda.programs;
