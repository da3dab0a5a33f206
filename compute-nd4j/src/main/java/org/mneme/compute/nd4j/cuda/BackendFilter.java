// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The class path, but without one implementation of one service: a {@link java.util.ServiceLoader}
 * on this loader does not find it. Classes and all other resources are the parent's.
 */
final class BackendFilter extends ClassLoader {
  private static final String SERVICES = "META-INF/services/";

  private final String service;
  private final String hidden;

  /**
   * Hides an implementation.
   *
   * @param service name of the service's class
   * @param hidden name of the implementation's class
   */
  BackendFilter(ClassLoader parent, String service, String hidden) {
    super(parent);
    this.service = service;
    this.hidden = hidden;
  }

  /** Of the service, one file with all implementations that are left. */
  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    Enumeration<URL> found = super.getResources(name);
    if (!name.equals(SERVICES + service)) {
      return found;
    }
    Set<String> implementations = new LinkedHashSet<>();
    for (URL file : Collections.list(found)) {
      implementations.addAll(implementations(file));
    }
    implementations.remove(hidden);
    byte[] content = String.join("\n", implementations).getBytes(StandardCharsets.UTF_8);
    URL filtered = new URL("filtered", null, -1, "/" + name, new Content(content));
    return Collections.enumeration(Set.of(filtered));
  }

  private static Set<String> implementations(URL file) throws IOException {
    URLConnection connection = file.openConnection();
    connection.setUseCaches(false);
    Set<String> names = new LinkedHashSet<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      lines
          .lines()
          .map(line -> line.replaceFirst("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .forEach(names::add);
    }
    return names;
  }

  /** Serves bytes at a URL. */
  private static final class Content extends URLStreamHandler {
    private final byte[] bytes;

    Content(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    protected URLConnection openConnection(URL url) {
      return new URLConnection(url) {
        @Override
        public void connect() {
          // There is nothing to connect to.
        }

        @Override
        public InputStream getInputStream() {
          return new ByteArrayInputStream(bytes);
        }
      };
    }
  }
}
