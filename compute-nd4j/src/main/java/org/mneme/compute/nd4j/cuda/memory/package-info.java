// SPDX-License-Identifier: Apache-2.0

/** The memory operations of the CUDA device. */
package org.mneme.compute.nd4j.cuda.memory;
