// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.config.RunConfig;

/** What the Markdown files promise: their links lead somewhere, their listings are real code. */
class DocumentationTest {
  /** A room's tests run in its folder. */
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Set<String> NOT_OURS = Set.of("target", ".git", "runs", "node_modules");

  /** {@code [text](target)}, without a title. */
  private static final Pattern LINK = Pattern.compile("(?<!!)\\[[^\\[\\]]*\\]\\(([^)\\s]+)\\)");

  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *$");
  private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern INLINE_CODE = Pattern.compile("`[^`\n]*`");

  /** A listing that names the file from which it is taken. */
  private static final Pattern LISTING =
      Pattern.compile("(?ms)^<!-- from (\\S+) -->\\s*^```java\\n(.*?)^```");

  private static final Pattern JSON = Pattern.compile("(?ms)^```json\\n(.*?)^```");

  /** {@code | `key` | meaning | default |}. */
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|.*\\| (.*) \\|$");

  @Test
  void relativeLinksLeadToFilesAndHeadings() {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      Matcher link = LINK.matcher(prose(read(document)));
      while (link.find()) {
        String target = link.group(1);
        if (!target.matches("[a-z]+:.*") && !leadsSomewhere(document, target)) {
          broken.add(ROOT.relativize(document) + ": " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void listingsStandInTheFilesThatTheyName() {
    List<String> different = new ArrayList<>();
    int listings = 0;
    for (Path document : documents()) {
      Matcher listing = LISTING.matcher(read(document));
      while (listing.find()) {
        listings++;
        String code = stripped(listing.group(2));
        if (!stripped(read(ROOT.resolve(listing.group(1)))).contains(code)) {
          different.add(ROOT.relativize(document) + ": not as in " + listing.group(1));
        }
      }
    }
    assertThat(different).isEmpty();
    assertThat(listings).isPositive();
  }

  @Test
  void theGuideListsEveryConfigurationKeyWithItsDefault() throws IOException {
    JsonNode defaults = defaults();
    String guide = read(ROOT.resolve("docs/guide.md"));
    List<String> parts = new ArrayList<>();
    defaults.fieldNames().forEachRemaining(parts::add);
    for (String part : parts) {
      Map<String, String> rows = rows(guide, part);
      List<String> keys = new ArrayList<>();
      defaults.get(part).fieldNames().forEachRemaining(keys::add);
      assertThat(rows.keySet()).as("keys of %s", part).containsExactlyElementsOf(keys);
      rows.forEach(
          (key, cell) -> {
            if (cell.startsWith("`")) {
              assertThat(json(cell.replace("`", "")))
                  .as("default of %s.%s", part, key)
                  .isEqualTo(defaults.get(part).get(key));
            }
          });
    }
  }

  @Test
  void theConfigurationOfTheReadmeIsValid() {
    Matcher json = JSON.matcher(read(ROOT.resolve("README.md")));
    assertThat(json.find()).isTrue();
    RunConfig run = new JsonConfig().parse("README.md", json.group(1), RunConfig.class);
    assertThat(run.model().hasMemory()).isTrue();
  }

  private static JsonNode defaults() throws IOException {
    Path file = Files.createTempFile("defaults", ".json");
    try {
      new JsonConfig().write(file, new RunConfig(null, null, null));
      return json(read(file));
    } finally {
      Files.delete(file);
    }
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text + " is no JSON", e);
    }
  }

  /** Key and default of the table below the heading of a part. */
  private static Map<String, String> rows(String guide, String part) {
    int from = guide.indexOf("\n### " + part + "\n");
    int next = guide.indexOf("\n#", from + 1);
    Map<String, String> rows = new LinkedHashMap<>();
    Matcher row = ROW.matcher(guide.substring(from, next));
    while (row.find()) {
      rows.put(row.group(1), row.group(2));
    }
    return rows;
  }

  private static boolean leadsSomewhere(Path document, String target) {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file =
        path.isEmpty()
            ? document
            : document.resolveSibling(URLDecoder.decode(path, StandardCharsets.UTF_8));
    return Files.exists(file) && (hash < 0 || anchors(file).contains(target.substring(hash + 1)));
  }

  /** As GitHub makes them: lower case, spaces to hyphens, punctuation dropped. */
  private static Set<String> anchors(Path file) {
    Set<String> anchors = new TreeSet<>();
    Matcher heading = HEADING.matcher(FENCE.matcher(read(file)).replaceAll(""));
    while (heading.find()) {
      String text = heading.group(1).toLowerCase(Locale.ROOT);
      anchors.add(text.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
    }
    return anchors;
  }

  private static String prose(String markdown) {
    String unfenced = FENCE.matcher(markdown).replaceAll("");
    return INLINE_CODE.matcher(unfenced).replaceAll("");
  }

  /** Without the indentation, which a document may leave out. */
  private static String stripped(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private static List<Path> documents() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !isOutside(ROOT.relativize(file)))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOutside(Path file) {
    for (Path part : file) {
      if (NOT_OURS.contains(part.toString())) {
        return true;
      }
    }
    return false;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
