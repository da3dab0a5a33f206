// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mneme.eval.report.MemoryPage;
import org.mneme.model.config.JsonConfig;

/** The entries of a memory that a run's record shows, kept so that no model is needed for it. */
public final class MemoryPagesFile {
  /** Its name in the folder of a run. */
  public static final String NAME = "memory-pages.json";

  private MemoryPagesFile() {}

  /** Writes the pages into the folder of a run, in place of those that are there. */
  public static void write(Path folder, List<MemoryPage> pages) throws IOException {
    new JsonConfig().write(folder.resolve(NAME), pages);
  }
}
