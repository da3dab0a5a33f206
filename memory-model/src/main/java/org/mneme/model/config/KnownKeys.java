// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.google.common.base.CharMatcher;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The keys of all parts of a configuration, among which the one is found that a user means. */
final class KnownKeys {
  private static final SnakeCaseStrategy SNAKE_CASE = new SnakeCaseStrategy();

  /** Names that other libraries use. */
  private static final Map<String, String> ALIASES =
      Map.of(
          "lr", "learning_rate",
          "bs", "batch_size",
          "hidden_size", "dim",
          "layers", "n_layers");

  /** Kept, as reflection takes longer than reading a configuration. */
  private static final ClassValue<KnownKeys> OF_TYPES =
      new ClassValue<>() {
        @Override
        protected KnownKeys computeValue(Class<?> type) {
          List<String> paths = new ArrayList<>();
          if (type.isRecord()) {
            collect(type, "", paths);
          }
          return new KnownKeys(List.copyOf(paths));
        }
      };

  /** No keys of other parts. */
  static final KnownKeys NONE = new KnownKeys(List.of());

  private final List<String> paths;

  private KnownKeys(List<String> paths) {
    this.paths = paths;
  }

  /** Returns the keys of a type; one that is not a record has none here. */
  static KnownKeys of(Class<?> type) {
    return OF_TYPES.get(type);
  }

  private static void collect(Class<?> type, String prefix, List<String> paths) {
    for (RecordComponent component : type.getRecordComponents()) {
      String path = prefix + SNAKE_CASE.translate(component.getName());
      paths.add(path);
      if (component.getType().isRecord()) {
        collect(component.getType(), path + ".", paths);
      }
    }
  }

  /**
   * Returns the paths of the keys of this name, or of the one that it is an alias of; of nested
   * ones only the outermost.
   */
  List<String> pathsOf(String key) {
    String name = ALIASES.getOrDefault(key, key);
    List<String> named =
        paths.stream().filter(path -> path.equals(name) || path.endsWith("." + name)).toList();
    int outermost = named.stream().mapToInt(KnownKeys::depth).min().orElse(0);
    return named.stream().filter(path -> depth(path) == outermost).toList();
  }

  private static int depth(String path) {
    return CharMatcher.is('.').countIn(path);
  }

  /**
   * Returns the question after the key that is meant, with a semicolon before it: one of the same
   * part, or of another part if that has just this key.
   *
   * @param unknown a key that its part does not have
   * @param known the keys of the part
   */
  String question(String unknown, Collection<String> known) {
    String alias = ALIASES.get(unknown);
    if (alias != null && known.contains(alias)) {
      return didYouMean("'" + alias + "'");
    }
    List<String> elsewhere = pathsOf(unknown);
    if (!elsewhere.isEmpty()) {
      String meant =
          elsewhere.stream().map(path -> "'" + path + "'").collect(Collectors.joining(" or "));
      return "; did you mean " + meant + "? " + belongs(elsewhere);
    }
    return known.stream()
        .min(Comparator.comparingInt(key -> editDistance(unknown, key)))
        .map(key -> didYouMean("'" + key + "'"))
        .orElse("");
  }

  private static String didYouMean(String meant) {
    return "; did you mean " + meant + "?";
  }

  private static String belongs(List<String> paths) {
    String key = paths.get(0).substring(paths.get(0).lastIndexOf('.') + 1);
    String parts =
        paths.stream()
            .map(path -> path.lastIndexOf('.') < 0 ? "the top level" : part(path))
            .collect(Collectors.joining(" and "));
    return "'" + key + "' belongs to " + parts;
  }

  private static String part(String path) {
    return "'" + path.substring(0, path.lastIndexOf('.')) + "'";
  }

  /** Levenshtein's distance. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j - 1], diagonal));
      }
    }
    return row[b.length()];
  }
}
