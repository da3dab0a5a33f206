// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static org.bytedeco.cuda.global.cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static org.bytedeco.cuda.global.cudart.cuDeviceGet;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDeviceTotalMem;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * What the driver tells of a GPU without a context on it.
 *
 * @param handle the driver's number for it
 * @param name the product, such as {@code NVIDIA H200}
 * @param computeCapability as a number, such as 90
 * @param multiprocessors streaming multiprocessors
 * @param sharedMemoryPerBlock the most bytes of dynamic shared memory of a block
 * @param totalMemory bytes
 */
public record CudaGpu(
    int handle,
    String name,
    int computeCapability,
    int multiprocessors,
    int sharedMemoryPerBlock,
    long totalMemory) {
  /** The lowest compute capability for which CUDA 13 compiles. */
  public static final int LOWEST_CAPABILITY = 75;

  /** The lowest compute capability that computes with bf16. */
  public static final int BF16_CAPABILITY = 80;

  /** Asks the driver, which must have been initialised, for GPU {@code ordinal}. */
  public static CudaGpu of(int ordinal) {
    int[] handle = new int[1];
    check(cuDeviceGet(handle, ordinal), "cuDeviceGet");
    int gpu = handle[0];
    int capability =
        10 * attribute(gpu, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(gpu, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    return new CudaGpu(
        gpu,
        name(gpu),
        capability,
        attribute(gpu, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(gpu, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        memory(gpu));
  }

  private static int attribute(int gpu, int attribute) {
    int[] value = new int[1];
    check(cuDeviceGetAttribute(value, attribute, gpu), "cuDeviceGetAttribute");
    return value[0];
  }

  private static String name(int gpu) {
    byte[] characters = new byte[256];
    check(cuDeviceGetName(characters, characters.length, gpu), "cuDeviceGetName");
    int length = 0;
    while (length < characters.length && characters[length] != 0) {
      length++;
    }
    return new String(characters, 0, length, StandardCharsets.UTF_8);
  }

  private static long memory(int gpu) {
    try (SizeTPointer bytes = new SizeTPointer(1)) {
      check(cuDeviceTotalMem(bytes, gpu), "cuDeviceTotalMem");
      return bytes.get();
    }
  }

  /** Whether this GPU computes with bf16. */
  public boolean hasBf16() {
    return computeCapability >= BF16_CAPABILITY;
  }

  /** The GPU for a person. */
  public String description() {
    return String.format(
        Locale.ROOT,
        "%s, compute capability %d.%d, %.1f GiB",
        name,
        computeCapability / 10,
        computeCapability % 10,
        totalMemory / (double) (1L << 30));
  }
}
