// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a service of our own, listed in two files, of which one lists two implementations. */
class BackendFilterTest {
  @TempDir private Path root;

  /** Stays. */
  public static final class Kept implements Runnable {
    @Override
    public void run() {}
  }

  /** Is hidden. */
  public static final class Hidden implements Runnable {
    @Override
    public void run() {}
  }

  private URL folder(String name, String implementations) throws IOException {
    Path folder = root.resolve(name);
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(Runnable.class.getName()), implementations);
    Files.writeString(folder.resolve("other"), "seen");
    return folder.toUri().toURL();
  }

  @Test
  void oneImplementationIsHidden() throws IOException, ClassNotFoundException {
    URL merged =
        folder(
            "merged", "# both\n" + Hidden.class.getName() + "\n" + Kept.class.getName() + " # x");
    URL alone = folder("alone", Hidden.class.getName());
    URL[] path = {merged, alone};
    try (URLClassLoader parent = new URLClassLoader(path, getClass().getClassLoader())) {
      assertThat(ServiceLoader.load(Runnable.class, parent)).hasSize(2);
      BackendFilter filter =
          new BackendFilter(parent, Runnable.class.getName(), Hidden.class.getName());
      assertThat(ServiceLoader.load(Runnable.class, filter))
          .singleElement()
          .isInstanceOf(Kept.class);
      assertThat(filter.loadClass(Hidden.class.getName())).isSameAs(Hidden.class);
      assertThat(filter.getResource("other")).isNotNull();
    }
  }
}
