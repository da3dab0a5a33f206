// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.mneme.compute.UserException;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Loads the native libraries and turns their own threads off. */
final class NativeRuntime {
  private static final String PHYSICAL_LIMIT = "org.bytedeco.javacpp.maxphysicalbytes";

  private NativeRuntime() {}

  /**
   * Loads ND4J and OpenBLAS, once for the process.
   *
   * @throws UserException with the root cause, if a library cannot be loaded
   */
  static void load() {
    // JavaCPP compares all memory of the process with a multiple of the Java heap before each of
    // ND4J's allocations; with our tensors in it, it would refuse at random.
    if (System.getProperty(PHYSICAL_LIMIT) == null) {
      System.setProperty(PHYSICAL_LIMIT, "0");
    }
    try {
      Nd4j.getExecutioner();
      // ND4J sets the threads of OpenBLAS when it first needs it; so that is done here, before
      // ours.
      Nd4j.factory().blas();
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
      openblas_nolapack.blas_set_num_threads(1);
    } catch (LinkageError | RuntimeException e) {
      throw new UserException(
          "device '"
              + Nd4jProvider.DEVICE_ID
              + "' cannot be opened, a native library does not load: "
              + rootCause(e),
          e);
    }
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
