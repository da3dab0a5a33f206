// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

/** The driver and the loader of libraries, as far as it takes to tell which GPUs there are. */
public interface CudaSystem {
  /**
   * Loads a library for the whole process.
   *
   * @param library a path, or a name that the system's loader finds
   * @throws UnsatisfiedLinkError if it cannot
   */
  void load(String library);

  /** Initialises the driver; answers with its code. */
  int initialise();

  /** The newest CUDA version that the driver supports, such as 13000 for 13.0. */
  int driverVersion();

  /** How many GPUs there are. */
  int gpuCount();

  /** A GPU. */
  CudaGpu gpu(int ordinal);

  /** The name and the text of a code. */
  String describe(int code);
}
