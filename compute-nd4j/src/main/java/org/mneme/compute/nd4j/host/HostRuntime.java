// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

/** All that a kernel of the CPU device works with. */
public final class HostRuntime {
  private final Workers workers;
  private final Tiles[] tiles;
  private final Blas blas;
  private final Workspace workspace;
  private final VectorsChoice vectors;

  /** Bundles the given parts; tiles are made for each worker. */
  public HostRuntime(Workers workers, Blas blas, Workspace workspace, VectorsChoice vectors) {
    this.workers = workers;
    this.blas = blas;
    this.workspace = workspace;
    this.vectors = vectors;
    this.tiles = new Tiles[workers.count()];
    for (int i = 0; i < tiles.length; i++) {
      tiles[i] = new Tiles();
    }
  }

  /** The threads. */
  public Workers workers() {
    return workers;
  }

  /** The scratch arrays of a worker; for its tasks only. */
  public Tiles tiles(int worker) {
    return tiles[worker];
  }

  /** Matrix products and row operations on pointers. */
  public Blas blas() {
    return blas;
  }

  /** Loops over tiles. Ask once for each operation: the answer may get faster, never other bits. */
  public Vectors vectors() {
    return vectors.current();
  }

  /** Scratch buffers. */
  public Workspace workspace() {
    return workspace;
  }
}
