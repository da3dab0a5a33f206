// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuModuleUnload;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;
import org.mneme.compute.DType;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiles, caches and loads the programs under {@code src/main/cuda} as they are needed. */
public final class CudaPrograms {
  private static final Logger LOG = LoggerFactory.getLogger(CudaPrograms.class);
  private static final int HOPPER = 90;

  private final CudaContext context;
  private final List<String> options;
  private final CubinCache cache;
  private final Nvrtc compiler = new Nvrtc();
  private final Map<String, Program> programs = new HashMap<>();

  /** Programs for the GPU of {@code context}; they are unloaded when it is closed. */
  public CudaPrograms(CudaContext context) {
    this.context = context;
    this.options = options(context.gpu().computeCapability());
    this.cache =
        new CubinCache(
            CubinCache.folder(
                System.getProperty(CubinCache.PROPERTY),
                System.getenv(),
                Path.of(System.getProperty("user.home"))));
    context.whenClosed(this::unload);
  }

  /** The compiler's options for a compute capability. */
  static List<String> options(int capability) {
    // Hopper's warp-group products exist only in code that is meant for it alone.
    String suffix = capability == HOPPER ? "a" : "";
    return List.of("--gpu-architecture=sm_" + capability + suffix, "--std=c++17");
  }

  /** A kernel of a program, which is loaded first where it is not. */
  public CudaFunction function(String program, String kernel) {
    return program(program).function(kernel);
  }

  /** The version of a kernel for a dtype. */
  public CudaFunction function(String program, String kernel, DType type) {
    return program(program).function(kernel, type);
  }

  /** Compiles a program, or finds it in the cache, and loads it; does nothing if it is loaded. */
  public void load(String program) {
    program(program);
  }

  private Program program(String name) {
    Program program = programs.get(name);
    if (program == null) {
      program = new Program(name, load(ProgramSource.read(name)));
      programs.put(name, program);
    }
    return program;
  }

  private CUmod_st load(ProgramSource source) {
    String key = source.digest(compiler.version(), options);
    Optional<byte[]> cached = cache.get(key);
    byte[] cubin = cached.orElseGet(() -> compile(source));
    if (cached.isEmpty()) {
      cache.put(key, cubin);
    }
    context.makeCurrent();
    CUmod_st module = new CUmod_st();
    try (BytePointer image = new BytePointer(cubin)) {
      check(cuModuleLoadData(module, image), "cuModuleLoadData of " + source.file());
    }
    return module;
  }

  private byte[] compile(ProgramSource source) {
    long started = System.nanoTime();
    byte[] cubin = compiler.compile(source, options);
    LOG.debug(
        "Compiled {} for {} in {} s",
        source.file(),
        options.get(0),
        (System.nanoTime() - started) / 1e9);
    return cubin;
  }

  private void unload() {
    programs.values().forEach(program -> cuModuleUnload(program.module));
    programs.clear();
  }

  /** A loaded program and the kernels of it that were used. */
  private static final class Program {
    private final String name;
    private final CUmod_st module;
    private final Map<String, CudaFunction> functions = new HashMap<>();
    private final Map<String, CudaFunction[]> typed = new HashMap<>();

    Program(String name, CUmod_st module) {
      this.name = name;
      this.module = module;
    }

    CudaFunction function(String kernel) {
      CudaFunction function = functions.get(kernel);
      if (function == null) {
        function = new CudaFunction(module, name, kernel);
        functions.put(kernel, function);
      }
      return function;
    }

    /** Without putting names together at each launch. */
    CudaFunction function(String kernel, DType type) {
      CudaFunction[] versions = typed.get(kernel);
      if (versions == null) {
        versions = new CudaFunction[DType.values().length];
        typed.put(kernel, versions);
      }
      CudaFunction function = versions[type.ordinal()];
      if (function == null) {
        function = function(kernel + "_" + type.name().toLowerCase(Locale.ROOT));
        versions[type.ordinal()] = function;
      }
      return function;
    }
  }
}
