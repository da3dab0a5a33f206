// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Replaces a file in one step: a reader, or a crash, sees the old file or the new one, never half
 * of either.
 *
 * <p>The content goes to a temporary sibling, is forced to the disk, and is then renamed over the
 * target. When anything fails the sibling is deleted and the target is as it was.
 */
public final class AtomicFile {
  private static final String SUFFIX = ".tmp";
  private static final int MOST_LINKS = 40;
  private static final Duration ABANDONED = Duration.ofHours(1);

  private AtomicFile() {}

  /** Produces the content of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes the whole content to {@code channel}, which is at position 0 of an empty file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes {@code target}, or the file that it links to; missing parent directories are created.
   *
   * @throws IOException if the content cannot be produced, written or renamed, or if {@code target}
   *     is a device, a pipe or a folder, which a rename would replace by a file
   */
  public static void write(Path target, Content content) throws IOException {
    Path absolute = linked(target.toAbsolutePath());
    if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
      throw new FileSystemException(
          target.toString(), null, "expected a regular file or a new name, got another kind");
    }
    Path directory = absolute.getParent();
    if (directory == null || absolute.getFileName() == null) {
      throw new IOException(target + ": is not the name of a file");
    }
    createDirectories(directory);
    Path temporary = directory.resolve(prefix(absolute) + UUID.randomUUID() + SUFFIX);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      move(temporary, absolute);
    } catch (IOException | RuntimeException | Error e) {
      deleteAfter(e, temporary);
      throw e;
    }
    forceDirectory(directory);
  }

  /** Follows links, so that a rename does not replace one of them. */
  private static Path linked(Path path) throws IOException {
    Path file = path;
    for (int links = 0; Files.isSymbolicLink(file); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemException(path.toString(), null, "found a circle of links");
      }
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }

  private static void deleteAfter(Throwable reason, Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Creates a directory and its missing parents so that a power cut does not undo it: a file that
   * is forced to the disk is lost all the same with a directory that is not.
   *
   * @throws IOException if one cannot be created, or a file has its name
   */
  public static void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    Files.createDirectories(directory);
    if (parent != null) {
      forceDirectory(parent);
    }
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  /**
   * Deletes the temporary siblings of {@code target} that nobody has written to for an hour: what
   * processes left that were killed while they wrote it.
   *
   * @throws IOException if the directory cannot be read
   */
  public static void deleteLeftovers(Path target) throws IOException {
    Path absolute = target.toAbsolutePath();
    Instant dead = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(
            absolute.getParent(), file -> isTemporaryOf(absolute, file.getFileName().toString()))) {
      for (Path sibling : siblings) {
        deleteIfOlder(sibling, dead);
      }
    }
  }

  private static void deleteIfOlder(Path file, Instant dead) throws IOException {
    try {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(dead)) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // It was in use after all, and has been moved to its place.
    }
  }

  private static boolean isTemporaryOf(Path target, String name) {
    return name.startsWith(prefix(target)) && name.endsWith(SUFFIX);
  }

  /** Writes {@code text} as UTF-8 to {@code target}, as {@link #write} does. */
  public static void writeString(Path target, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    write(target, channel -> writeFully(channel, bytes));
  }

  /** Writes all that remains in {@code bytes}. */
  public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Renames a file or directory in one step, over a file that is there. */
  public static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      // Some network file systems cannot: a complete file that is renamed is still the best left.
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes renames in a directory durable, where directories can be opened (not on Windows). */
  public static void forceDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The content is complete and renamed; only a power cut in the next seconds could undo it.
    }
  }
}
