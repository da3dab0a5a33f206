// SPDX-License-Identifier: Apache-2.0

/**
 * What the kernels of the CPU provider stand on: tensors in native memory, the pool that they come
 * from, worker threads, scratch tiles, matrix products and vector loops.
 *
 * <p>A kernel follows one pattern: split the rows over {@link org.mneme.compute.nd4j.host.Workers},
 * read a tile of a few thousand elements into an array of the worker's {@link
 * org.mneme.compute.nd4j.host.Tiles}, compute with {@link org.mneme.compute.nd4j.host.Vectors} or a
 * plain loop, write the tile back. Matrix products, and moving whole rows, go through {@link
 * org.mneme.compute.nd4j.host.Blas} on pointers instead.
 */
package org.mneme.compute.nd4j.host;
