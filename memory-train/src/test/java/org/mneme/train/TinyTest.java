// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tests of training begin with: a tiny world for the class and an empty folder for each test.
 */
abstract class TinyTest {
  @TempDir static Path shared;

  /** Static, so that what it takes longest to make is made once for all tests of a class. */
  static Tiny tiny;

  @TempDir Path folder;

  @BeforeAll
  static void openTiny() {
    tiny = new Tiny(shared);
  }

  @AfterAll
  static void closeTiny() {
    tiny.close();
  }
}
