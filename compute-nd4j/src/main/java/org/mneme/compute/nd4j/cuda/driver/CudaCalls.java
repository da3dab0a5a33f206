// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Checks the codes that the driver returns. */
public final class CudaCalls {
  private CudaCalls() {}

  /**
   * Lets success pass.
   *
   * @param code what the call returned
   * @param call its name
   * @throws CudaException with the call, and the name and the text of the error
   */
  public static void check(int code, String call) {
    if (code != CUDA_SUCCESS) {
      throw new CudaException(code, call + " failed: " + describe(code));
    }
  }

  /** The name, number and text of an error, such as {@code CUDA_ERROR_NO_DEVICE (100): no …}. */
  public static String describe(int code) {
    try (PointerPointer<BytePointer> name = new PointerPointer<>(1);
        PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
      cuGetErrorName(code, name);
      cuGetErrorString(code, text);
      return string(name) + " (" + code + "): " + string(text);
    }
  }

  private static String string(PointerPointer<BytePointer> at) {
    BytePointer characters = at.get(BytePointer.class, 0);
    return characters == null || characters.isNull() ? "unknown error" : characters.getString();
  }
}
