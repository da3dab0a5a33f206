// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Tells from names of resources, without loading anything, whether ND4J's CPU backend is on the
 * class path with all native libraries for this platform.
 */
final class NativeLibraries {
  private static final String ND4J = "org/nd4j/linalg/cpu/nativecpu/bindings/";

  /** The endings of ND4J's CPU classifiers, behind the platform. */
  private static final List<String> EXTENSIONS =
      List.of("", "-avx2", "-avx512", "-onednn", "-onednn-avx2", "-onednn-avx512", "-compat");

  private final Predicate<String> resourceExists;
  private final String platform;

  /**
   * Looks for libraries.
   *
   * @param resourceExists whether the class path has a resource of that name
   * @param platform JavaCPP's name of it, such as {@code linux-x86_64}
   */
  NativeLibraries(Predicate<String> resourceExists, String platform) {
    this.resourceExists = resourceExists;
    this.platform = platform;
  }

  /** What is missing first, and where it comes from; empty if nothing is. */
  Optional<String> missing() {
    if (!resourceExists.test("org/nd4j/linalg/factory/Nd4j.class")
        || !resourceExists.test("org/nd4j/linalg/cpu/nativecpu/CpuBackend.class")) {
      return Optional.of("ND4J's CPU backend is not on the class path; add org.nd4j:nd4j-native");
    }
    if (nd4jBuild().isEmpty()) {
      return Optional.of(
          "ND4J's native libraries for "
              + platform
              + " are not on the class path; add org.nd4j:nd4j-native with the classifier "
              + platform
              + " or one of its variants, such as "
              + platform
              + "-avx2");
    }
    return bytedeco("javacpp", "jnijavacpp").or(() -> bytedeco("openblas", "jniopenblas_nolapack"));
  }

  private Optional<String> bytedeco(String artifact, String library) {
    String resource = "org/bytedeco/" + artifact + "/" + platform + "/" + fileName(library);
    return resourceExists.test(resource)
        ? Optional.empty()
        : Optional.of(
            "the native library "
                + fileName(library)
                + " for "
                + platform
                + " is not on the class path; add org.bytedeco:"
                + artifact
                + " with the classifier "
                + platform);
  }

  /** The classifier of ND4J's natives. */
  Optional<String> nd4jBuild() {
    return EXTENSIONS.stream()
        .map(extension -> platform + extension)
        .filter(build -> resourceExists.test(ND4J + build + "/" + fileName("jnind4jcpu")))
        .findFirst();
  }

  private String fileName(String library) {
    if (platform.startsWith("windows")) {
      return library + ".dll";
    }
    return "lib" + library + (platform.startsWith("mac") ? ".dylib" : ".so");
  }
}
