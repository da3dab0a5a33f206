// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.host;

/** What must be set before JavaCPP is used for the first time. */
public final class JavaCppLimits {
  private static final String PHYSICAL_LIMIT = "org.bytedeco.javacpp.maxphysicalbytes";

  private JavaCppLimits() {}

  /**
   * Lifts JavaCPP's limit on the memory of the process, unless the user set one: it is a multiple
   * of the Java heap, and with our tensors in it, JavaCPP would refuse at random.
   */
  public static void lift() {
    if (System.getProperty(PHYSICAL_LIMIT) == null) {
      System.setProperty(PHYSICAL_LIMIT, "0");
    }
  }
}
