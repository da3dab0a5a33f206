// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

/** A call of the CUDA driver or of one of its libraries that failed. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * Creates the exception.
   *
   * @param code what the call returned
   */
  public CudaException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** What the call returned. */
  public int code() {
    return code;
  }
}
