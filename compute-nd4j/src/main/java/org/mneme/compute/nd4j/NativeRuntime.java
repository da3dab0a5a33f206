// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.mneme.compute.UnpackedLibraries;
import org.mneme.compute.UserException;
import org.mneme.compute.nd4j.cuda.Nd4jCudaBackend;
import org.mneme.compute.nd4j.host.JavaCppLimits;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Loads the native libraries and turns their own threads off. */
final class NativeRuntime {
  private NativeRuntime() {}

  /**
   * Loads ND4J and OpenBLAS, once for the process.
   *
   * @throws UserException with the root cause, if a library cannot be loaded
   */
  static void load() {
    JavaCppLimits.lift();
    try {
      Nd4jCudaBackend.passOverIfUnusable();
      Nd4j.getExecutioner();
      // ND4J sets the threads of OpenBLAS when it first needs it; so that is done here, before
      // ours.
      Nd4j.factory().blas();
      if (!Nd4jCudaBackend.isChosen()) {
        // To the CUDA backend this would be the threads of a block.
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
      }
      openblas_nolapack.blas_set_num_threads(1);
    } catch (LinkageError | RuntimeException e) {
      throw UnpackedLibraries.cannotBeLoaded(
          "device '" + Nd4jProvider.DEVICE_ID + "' cannot be opened: a native library",
          e,
          "JDK_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=FOLDER");
    }
  }
}
