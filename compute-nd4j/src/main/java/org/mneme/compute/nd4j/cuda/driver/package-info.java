// SPDX-License-Identifier: Apache-2.0

/** The CUDA driver: its libraries, the GPUs it finds, contexts, checked calls, times of events. */
package org.mneme.compute.nd4j.cuda.driver;
