// SPDX-License-Identifier: Apache-2.0

/** The CUDA driver, NVRTC and cuBLASLt as the operations see them: memory, programs, launches. */
package org.mneme.compute.nd4j.cuda.driver;
