// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.programs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The CUDA C++ of a program.
 *
 * @param file name of the source, such as {@code norms.cu}
 * @param text the source
 * @param headers the texts of what it includes, also through other headers, by name
 */
record ProgramSource(String file, String text, SortedMap<String, String> headers) {
  private static final String FOLDER = "/org/mneme/compute/nd4j/cuda/";
  private static final Pattern INCLUDE =
      Pattern.compile("^\\s*#\\s*include\\s+\"([^\"]+)\"", Pattern.MULTILINE);

  /** Reads a program from the class path. */
  static ProgramSource read(String program) {
    String file = program + ".cu";
    String text = resource(file);
    SortedMap<String, String> headers = new TreeMap<>();
    addIncluded(text, headers);
    return new ProgramSource(file, text, headers);
  }

  private static void addIncluded(String text, SortedMap<String, String> headers) {
    Matcher include = INCLUDE.matcher(text);
    while (include.find()) {
      String header = include.group(1);
      if (!headers.containsKey(header)) {
        String included = resource(header);
        headers.put(header, included);
        addIncluded(included, headers);
      }
    }
  }

  private static String resource(String file) {
    try (InputStream stream = ProgramSource.class.getResourceAsStream(FOLDER + file)) {
      if (stream == null) {
        throw new IllegalArgumentException("there is no CUDA source " + file);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A number in hexadecimal digits that changes with all that a compiled program depends on. */
  String digest(String compiler, List<String> options) {
    MessageDigest digest = sha256();
    add(digest, compiler);
    options.forEach(option -> add(digest, option));
    add(digest, file);
    add(digest, text);
    headers.forEach(
        (name, header) -> {
          add(digest, name);
          add(digest, header);
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String part) {
    digest.update(part.getBytes(StandardCharsets.UTF_8));
    // No part contains it, so two lists of parts never look the same.
    digest.update((byte) 0);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
