// SPDX-License-Identifier: Apache-2.0

/** What operations see of a GPU: kernels to launch, scratch memory, its properties. */
package org.mneme.compute.nd4j.cuda.launch;
