// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled programs on disk, each behind its SHA-256. What cannot be read, written or trusted is
 * compiled again, never an error.
 */
final class CubinCache {
  /** The system property that names the folder. */
  static final String PROPERTY = "mneme.cuda.cache";

  private static final Logger LOG = LoggerFactory.getLogger(CubinCache.class);
  private static final int DIGEST_BYTES = 32;

  private final Path folder;

  CubinCache(Path folder) {
    this.folder = folder;
  }

  /**
   * The folder of {@value #PROPERTY}, or else {@code mneme/cuda} in the user's cache folder.
   *
   * @param property value of the property, or null
   */
  static Path folder(String property, Map<String, String> environment, Path home) {
    if (property != null) {
      return Path.of(property);
    }
    String caches = environment.get("XDG_CACHE_HOME");
    Path base = caches == null || caches.isEmpty() ? home.resolve(".cache") : Path.of(caches);
    return base.resolve("mneme").resolve("cuda");
  }

  /** The program that was put under {@code key}, if it is there and whole. */
  Optional<byte[]> get(String key) {
    Path file = file(key);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      byte[] stored = Files.readAllBytes(file);
      if (stored.length > DIGEST_BYTES) {
        byte[] cubin = Arrays.copyOfRange(stored, DIGEST_BYTES, stored.length);
        byte[] digest = Arrays.copyOf(stored, DIGEST_BYTES);
        if (MessageDigest.isEqual(digest, ProgramSource.sha256().digest(cubin))) {
          return Optional.of(cubin);
        }
      }
      LOG.warn("{} is damaged; it is compiled again", file);
    } catch (IOException e) {
      LOG.warn("{} cannot be read; it is compiled again", file, e);
    }
    return Optional.empty();
  }

  /** Keeps a program under {@code key}, whole or not at all. */
  void put(String key, byte[] cubin) {
    Path temporary = null;
    try {
      Files.createDirectories(folder);
      temporary = Files.createTempFile(folder, key, ".tmp");
      byte[] digest = ProgramSource.sha256().digest(cubin);
      byte[] stored = Arrays.copyOf(digest, digest.length + cubin.length);
      System.arraycopy(cubin, 0, stored, digest.length, cubin.length);
      Files.write(temporary, stored);
      Files.move(
          temporary,
          file(key),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("a compiled program cannot be kept in {}: {}", folder, e.toString());
      remove(temporary);
    }
  }

  private static void remove(Path temporary) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        LOG.debug("{} stays behind", temporary, e);
      }
    }
  }

  private Path file(String key) {
    return folder.resolve(key + ".cubin");
  }
}
