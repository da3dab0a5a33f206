// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;

/**
 * A file of a run.
 *
 * @param name its path within the folder
 * @param bytes its size
 */
public record RunFile(String name, long bytes) {
  private static final int DEPTH = 4;

  /**
   * The files of a folder by name, without hidden ones and without the record itself. A file that
   * is removed meanwhile, as a running training removes checkpoints, is left out.
   */
  static List<RunFile> of(Path folder) throws IOException {
    List<RunFile> files = new ArrayList<>();
    Files.walkFileTree(
        folder, EnumSet.noneOf(FileVisitOption.class), DEPTH, new Visitor(folder, files));
    files.sort(Comparator.comparing(RunFile::name));
    return files;
  }

  private static final class Visitor extends SimpleFileVisitor<Path> {
    private final Path folder;
    private final List<RunFile> files;

    Visitor(Path folder, List<RunFile> files) {
      this.folder = folder;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      boolean hidden = !directory.equals(folder) && isHidden(directory);
      return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      String name = folder.relativize(file).toString();
      boolean own = name.equals("report.md") || name.equals("report.html");
      if (!own && !isHidden(file) && attributes.isRegularFile()) {
        files.add(new RunFile(name, attributes.size()));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      return continueIfGone(e);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
      return continueIfGone(e);
    }

    private static FileVisitResult continueIfGone(IOException e) throws IOException {
      if (e != null && !(e instanceof NoSuchFileException)) {
        throw e;
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean isHidden(Path path) {
      return path.getFileName().toString().startsWith(".");
    }
  }
}
