// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextEncodingTest {
  private static final String ASCII = "ANSI_X3.4-1968";

  private static byte[] typed(String... arguments) {
    return (String.join("\0", arguments) + "\0").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void refusesAnArgumentThatJavaHasReplaced() {
    byte[] typed = typed("java", "-cp", "日本/classes", "Mneme", "memory", "日本");
    assertThat(TextEncoding.damage(new String[] {"memory", "??????"}, ASCII, typed).orElseThrow())
        .contains("argument '??????'", ASCII, "expected UTF-8", "LC_ALL=C.UTF-8");
    assertThat(TextEncoding.damage(new String[] {"a", "\uFFFDx"}, "UTF-8", new byte[0]))
        .hasValueSatisfying(message -> assertThat(message).contains("U+FFFD"));
  }

  @Test
  void acceptsWhatIsWhole() {
    byte[] typed = typed("java", "-cp", "日本/classes", "Mneme", "memory", "who?");
    assertThat(TextEncoding.damage(new String[] {"memory", "who?"}, ASCII, typed)).isEmpty();
    assertThat(TextEncoding.damage(new String[] {"日本"}, "UTF-8", new byte[0])).isEmpty();
    assertThat(TextEncoding.damage(new String[0], ASCII, typed("日本", "Mneme"))).isEmpty();
  }

  /** A main that prints in the encoding of the locale destroys text under LC_ALL=C. */
  @Test
  void everyMainPrintsUtf8() throws IOException {
    int mains = 0;
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        String text = Files.readString(source);
        if (text.contains(" void main(")) {
          mains++;
          assertThat(text)
              .as(source.toString())
              .containsAnyOf(
                  "TextEncoding.useUtf8Output();", "Mneme.main(", "PublishedExperiment.main(");
        }
      }
    }
    assertThat(mains).isGreaterThan(6);
  }
}
