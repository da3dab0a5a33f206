// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CubinCacheTest {
  private static final byte[] CUBIN = {1, 2, 3, 4, 5};

  @TempDir private Path folder;

  @Test
  void whatWasPutIsThere() throws IOException {
    CubinCache cache = new CubinCache(folder.resolve("not/there/yet"));
    assertThat(cache.get("k")).isEmpty();
    cache.put("k", CUBIN);
    cache.put("k", CUBIN);
    assertThat(cache.get("k")).hasValue(CUBIN);
    assertThat(cache.get("other")).isEmpty();
    try (Stream<Path> files = Files.list(folder.resolve("not/there/yet"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aDamagedProgramIsNotThere() throws IOException {
    CubinCache cache = new CubinCache(folder);
    cache.put("k", CUBIN);
    Path file = folder.resolve("k.cubin");
    byte[] stored = Files.readAllBytes(file);
    stored[stored.length - 1] ^= 1;
    Files.write(file, stored);
    assertThat(cache.get("k")).isEmpty();
    Files.write(file, new byte[7]);
    assertThat(cache.get("k")).isEmpty();
    cache.put("k", CUBIN);
    assertThat(cache.get("k")).hasValue(CUBIN);
  }

  @Test
  void aFolderThatCannotBeIsNoError() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    CubinCache cache = new CubinCache(file.resolve("below"));
    cache.put("k", CUBIN);
    assertThat(cache.get("k")).isEmpty();
  }

  @Test
  void theFolderIsTheUsersChoiceOrAmongTheCaches() {
    Path home = Path.of("/home/me");
    Map<String, String> xdg = Map.of("XDG_CACHE_HOME", "/caches");
    assertThat(CubinCache.folder("/chosen", xdg, home)).isEqualTo(Path.of("/chosen"));
    assertThat(CubinCache.folder(null, xdg, home)).isEqualTo(Path.of("/caches/mneme/cuda"));
    assertThat(CubinCache.folder(null, Map.of(), home))
        .isEqualTo(Path.of("/home/me/.cache/mneme/cuda"));
  }
}
