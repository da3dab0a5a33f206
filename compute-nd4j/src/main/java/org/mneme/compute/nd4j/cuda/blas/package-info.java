// SPDX-License-Identifier: Apache-2.0

/** Matrix products by cuBLASLt: problems, plans, and the choice among algorithms. */
package org.mneme.compute.nd4j.cuda.blas;
