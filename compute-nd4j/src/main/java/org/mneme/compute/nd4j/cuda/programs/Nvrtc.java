// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import static org.bytedeco.cuda.global.nvrtc.NVRTC_SUCCESS;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.mneme.compute.nd4j.cuda.driver.CudaException;

/** NVIDIA's run-time compiler. */
final class Nvrtc {
  /** A compiler recurses deeper than the stack of a Java thread is sure to allow. */
  private static final long STACK_BYTES = 64L << 20;

  /** Its version, such as {@code nvrtc 13.0}. */
  String version() {
    int[] major = new int[1];
    int[] minor = new int[1];
    check(nvrtcVersion(major, minor), "nvrtcVersion");
    return "nvrtc " + major[0] + "." + minor[0];
  }

  /**
   * Compiles a program to machine code.
   *
   * @throws CudaException with the compiler's messages, if it does not compile
   */
  byte[] compile(ProgramSource source, List<String> options) {
    FutureTask<byte[]> task = new FutureTask<>(() -> compileHere(source, options));
    Thread thread = new Thread(null, task, "nvrtc", STACK_BYTES);
    thread.start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CudaException failure) {
        throw failure;
      }
      throw new IllegalStateException("cannot compile " + source.file(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling " + source.file(), e);
    }
  }

  private static byte[] compileHere(ProgramSource source, List<String> options) {
    try (PointerScope scope = new PointerScope()) {
      _nvrtcProgram program = create(source);
      try {
        int code = nvrtcCompileProgram(program, options.size(), strings(options));
        if (code != NVRTC_SUCCESS) {
          throw new CudaException(
              code, source.file() + " does not compile for " + options + ":\n" + log(program));
        }
        return cubin(program);
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static _nvrtcProgram create(ProgramSource source) {
    _nvrtcProgram program = new _nvrtcProgram();
    check(
        nvrtcCreateProgram(
            program,
            string(source.text()),
            string(source.file()),
            source.headers().size(),
            strings(source.headers().values()),
            strings(source.headers().keySet())),
        "nvrtcCreateProgram");
    return program;
  }

  private static byte[] cubin(_nvrtcProgram program) {
    SizeTPointer size = new SizeTPointer(1);
    check(nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
    byte[] cubin = new byte[Math.toIntExact(size.get())];
    BytePointer target = new BytePointer(size.get());
    check(nvrtcGetCUBIN(program, target), "nvrtcGetCUBIN");
    target.get(cubin);
    return cubin;
  }

  private static String log(_nvrtcProgram program) {
    SizeTPointer size = new SizeTPointer(1);
    check(nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize");
    BytePointer log = new BytePointer(size.get());
    check(nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
    return log.getString(StandardCharsets.UTF_8);
  }

  private static BytePointer string(String text) {
    return new BytePointer(text, StandardCharsets.UTF_8);
  }

  private static PointerPointer<BytePointer> strings(Collection<String> texts) {
    return new PointerPointer<>(texts.toArray(String[]::new), StandardCharsets.UTF_8);
  }

  private static void check(int code, String call) {
    if (code != NVRTC_SUCCESS) {
      throw new CudaException(code, call + " failed: " + nvrtcGetErrorString(code).getString());
    }
  }
}
