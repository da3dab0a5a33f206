// SPDX-License-Identifier: Apache-2.0

/** Memory of a GPU: the pool, tensors in it, copies, and graphs, which hold on to it. */
package org.mneme.compute.nd4j.cuda.storage;
