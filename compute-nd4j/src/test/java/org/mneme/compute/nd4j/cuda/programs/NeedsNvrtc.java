// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import java.io.File;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.mneme.compute.nd4j.cuda.driver.CudaLibraries;
import org.mneme.compute.nd4j.cuda.driver.CudaLibrary;
import org.mneme.compute.nd4j.cuda.driver.CudaSystem;
import org.mneme.compute.nd4j.cuda.driver.NativeCudaSystem;

/** Tests that compile but need no GPU; without NVRTC they are reported as skipped. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsNvrtc.Condition.class)
@interface NeedsNvrtc {
  /** Looks for NVRTC and loads it. */
  class Condition implements ExecutionCondition {
    private static final String LOADS_LIBRARIES = "org.bytedeco.javacpp.loadLibraries";
    private static final ConditionEvaluationResult RESULT = load();

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return RESULT;
    }

    private static ConditionEvaluationResult load() {
      String platform = Loader.getPlatform();
      CudaLibraries libraries = CudaLibraries.ofThisMachine(platform);
      Optional<Path> compiler = libraries.find(CudaLibrary.NVRTC);
      if (compiler.isEmpty()) {
        return ConditionEvaluationResult.disabled(
            "no " + libraries.name(CudaLibrary.NVRTC) + " in " + libraries.folders());
      }
      CudaSystem system = new NativeCudaSystem();
      try {
        libraries.compilerParts().forEach(part -> system.load(part.toString()));
        system.load(compiler.orElseThrow().toString());
        loadPresets(platform);
        return ConditionEvaluationResult.enabled(compiler.orElseThrow().toString());
      } catch (IOException | ReflectiveOperationException | LinkageError e) {
        return ConditionEvaluationResult.disabled(compiler.orElseThrow() + ": " + e);
      }
    }

    /** Without those of the driver, which JavaCPP would load before. */
    private static void loadPresets(String platform)
        throws IOException, ReflectiveOperationException {
      String name = platform.startsWith("windows") ? "jninvrtc.dll" : "libjninvrtc.so";
      File file = Loader.cacheResource("/org/bytedeco/cuda/" + platform + "/" + name);
      if (file == null) {
        throw new IOException("no " + name + " for " + platform + " on the class path");
      }
      System.setProperty(LOADS_LIBRARIES, "false");
      try {
        Class.forName("org.bytedeco.cuda.global.nvrtc");
        Class.forName("org.bytedeco.cuda.nvrtc._nvrtcProgram");
        System.load(file.getPath());
      } finally {
        System.clearProperty(LOADS_LIBRARIES);
      }
    }
  }
}
