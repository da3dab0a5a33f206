// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of a run.
 *
 * @param name its path within the folder
 * @param bytes its size
 */
public record RunFile(String name, long bytes) {
  private static final int DEPTH = 4;

  /** The files of a folder by name, without hidden ones and without the record itself. */
  static List<RunFile> of(Path folder) throws IOException {
    List<RunFile> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder, DEPTH)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        String name = folder.relativize(path).toString();
        boolean own = name.equals("report.md") || name.equals("report.html");
        if (!own && !name.startsWith(".") && Files.isRegularFile(path)) {
          files.add(new RunFile(name, Files.size(path)));
        }
      }
    }
    files.sort(Comparator.comparing(RunFile::name));
    return files;
  }
}
