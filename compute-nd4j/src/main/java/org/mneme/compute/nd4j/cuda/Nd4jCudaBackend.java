// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.util.Optional;
import java.util.function.Predicate;
import org.mneme.compute.UserException;
import org.mneme.compute.nd4j.cuda.driver.NativeCudaSystem;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ND4J's own CUDA backend, which is on the class path only if somebody put it there.
 *
 * <p>ND4J would choose it wherever there is a GPU, and fail at the first array where it cannot run.
 */
public final class Nd4jCudaBackend {
  static final String CLASS = "org.nd4j.linalg.jcublas.JCublasBackend";

  private static final Logger LOG = LoggerFactory.getLogger(Nd4jCudaBackend.class);

  private static Optional<String> obstacle;

  private Nd4jCudaBackend() {}

  /**
   * Has ND4J choose another backend if this one is on the class path and cannot run here, and logs
   * why. To be called before ND4J is first used; once ND4J has chosen, it has no effect.
   */
  public static synchronized void passOverIfUnusable() {
    if (obstacle == null) {
      obstacle = isOnClassPath() ? examine(classLoader()) : Optional.empty();
    }
  }

  /** Asked without a class of ND4J, which a program that keeps to GPU devices may do without. */
  private static boolean isOnClassPath() {
    String resource = CLASS.replace('.', '/') + ".class";
    return Nd4jCudaBackend.class.getClassLoader().getResource(resource) != null;
  }

  private static Optional<String> examine(ClassLoader loader) {
    Optional<String> found = obstacle(name -> loader.getResource(name) != null);
    found.ifPresentOrElse(reason -> passOver(loader, reason), Nd4jCudaBackend::leave);
    return found;
  }

  private static ClassLoader classLoader() {
    ClassLoader loader = ND4JClassLoading.getNd4jClassloader();
    return loader == null ? ClassLoader.getSystemClassLoader() : loader;
  }

  private static Optional<String> obstacle(Predicate<String> resourceExists) {
    CudaProbe probe = CudaProvider.ofThisMachine(Nd4jCudaBackend.class.getClassLoader());
    return new BackendRequirements(resourceExists, probe, new NativeCudaSystem()).obstacle();
  }

  private static void passOver(ClassLoader loader, String reason) {
    ND4JClassLoading.setNd4jClassloader(
        new BackendFilter(loader, Nd4jBackend.class.getName(), CLASS));
    LOG.warn("ND4J's CUDA backend is passed over, its CPU backend is used: {}", reason);
  }

  /**
   * Bytedeco's presets can be on the class path once, and the GPU devices need those of CUDA 13.
   */
  private static void leave() {
    LOG.warn(
        "ND4J's CUDA backend is used; its matrix products would hand handles of cuBLAS 11 to cuBLAS"
            + " 13 and are not safe, those of a device are");
  }

  /**
   * Whether ND4J's arrays lie on GPUs; starts ND4J.
   *
   * @throws UserException if ND4J had chosen this backend, before it could be passed over, where it
   *     cannot run
   */
  public static boolean holdsArrays() {
    passOverIfUnusable();
    return holdsArrays(isChosen(), obstacle);
  }

  /** Whether ND4J has chosen this backend, which may be one that cannot run; starts ND4J. */
  public static boolean isChosen() {
    return Nd4j.getBackend().getClass().getName().equals(CLASS);
  }

  static boolean holdsArrays(boolean chosen, Optional<String> obstacle) {
    if (!chosen) {
      return false;
    }
    obstacle.ifPresent(
        reason -> {
          throw new UserException(
              "ND4J was used before a device was opened and has chosen its CUDA backend, which"
                  + " cannot run here: "
                  + reason
                  + "; open the device first, or take nd4j-cuda-11.6 off the class path");
        });
    return true;
  }
}
