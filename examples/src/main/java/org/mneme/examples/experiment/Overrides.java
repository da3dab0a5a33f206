// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;
import org.mneme.train.config.RunConfig;

/**
 * Single values of a configuration that were typed on the command line. A path leads through parts,
 * keys and, in lists, numbers from 0; the number behind the last appends. Lists, keys and values
 * and texts in quotes are JSON, or lists, keys and values as YAML writes them in a line; other
 * values mean what their key makes of them: {@code 1.10} is a version or a number.
 *
 * @param values each {@code path=value}, such as {@code train.max_steps=100}, {@code
 *     data.files=[a.jsonl]} or {@code experiment.goals.0.at_most=2.4}
 */
record Overrides(List<String> values) {
  private static final String OPTION = "--set";
  private static final int LONGEST_OPTIONS = 160;
  private static final Pattern FAULTY_KEY = Pattern.compile("[:;] (\\w+) is ");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** These values behind those that name data files, if there are any. */
  Overrides behindFiles(List<Path> files) {
    if (files.isEmpty()) {
      return this;
    }
    ArrayNode paths = JSON.arrayNode();
    files.forEach(file -> paths.add(file.toString()));
    return new Overrides(
        ImmutableList.<String>builder().add("data.files=" + paths).addAll(values).build());
  }

  /**
   * A configuration with these values in place of its own. What it leaves out is filled in behind
   * them: a default that is made of another value follows that value.
   *
   * @param source where the text is from; its end tells JSON from YAML
   * @throws UserException naming the line or the value that is wrong
   */
  RunConfig applyTo(String source, String text) {
    JsonConfig configs = new JsonConfig();
    RunConfig run = configs.parse(source, text, RunConfig.class);
    if (values.isEmpty()) {
      return run;
    }
    ObjectNode tree = configs.parse(source, text, ObjectNode.class);
    ObjectNode original = tree.deepCopy();
    for (String value : values) {
      set(tree, value, meaning(configs, original, value));
    }
    try {
      return configs.convert(OPTION, tree, RunConfig.class);
    } catch (UserException e) {
      String problem = e.getMessage().substring(OPTION.length());
      String hint =
          originHint(problem, source, original) + layersHint(problem, run.model(), original, tree);
      throw new UserException(named(problem + hint), e);
    }
  }

  /**
   * A problem after the overrides that it is about, or after all if none of them is named in it.
   */
  private String named(String problem) {
    List<String> meant = values.stream().filter(value -> isNamed(value, problem)).toList();
    String options =
        OPTION + " " + String.join(" " + OPTION + " ", meant.isEmpty() ? values : meant);
    boolean fits = values.size() == 1 || options.length() <= LONGEST_OPTIONS;
    return (fits ? options : options.substring(0, LONGEST_OPTIONS) + "…") + problem;
  }

  private static boolean isNamed(String override, String problem) {
    String path = override.split("=", 2)[0].replaceFirst("(\\.\\d+)+$", ""); // without places
    String key = path.substring(path.lastIndexOf('.') + 1);
    return Pattern.compile("(?<!\\w)" + Pattern.quote(key) + "(?!\\w)").matcher(problem).find();
  }

  /** Which of the values that do not fit were not typed, and where they are from. */
  private String originHint(String problem, String source, ObjectNode original) {
    String keys =
        FAULTY_KEY
            .matcher(problem)
            .results()
            .map(match -> match.group(1))
            .filter(key -> isOfFile(key, original))
            .distinct()
            .collect(Collectors.joining(" and "));
    return keys.isEmpty()
        ? ""
        : ". The value of " + keys + " is from " + PublishedRuns.described(source);
  }

  /** Whether the file has the key, and no override replaces it. */
  private boolean isOfFile(String key, ObjectNode original) {
    return values.stream().noneMatch(value -> value.matches("(?s)\\w+\\." + key + "[.=].*"))
        && JsonConfig.pathOf(RunConfig.class, key)
            .filter(path -> !original.at("/" + path.replace('.', '/')).isMissingNode())
            .isPresent();
  }

  /** The layers with a memory that would fit, if those of the file do not. */
  private String layersHint(
      String problem, ModelConfig model, ObjectNode original, ObjectNode tree) {
    Integer layers = Ints.tryParse(tree.at("/model/n_layers").asText());
    boolean unfit = problem.contains("memory_layers is ") && isOfFile("memory_layers", original);
    if (!unfit || layers == null || layers < 1) {
      return "";
    }
    double scale = (double) layers / model.nLayers();
    List<Long> fitting =
        model.memoryLayers().stream()
            .map(layer -> Math.min(layers - 1, Math.round(layer * scale)))
            .distinct()
            .toList();
    return String.format(
        Locale.ROOT,
        ", which has %d layers; for n_layers=%d add --set 'model.memory_layers=%s'",
        model.nLayers(),
        layers,
        fitting);
  }

  /**
   * The value of an override. One that is a list in YAML but not in JSON, such as {@code [a, b]},
   * is that list unless its key has room for a text only.
   */
  private static JsonNode meaning(JsonConfig configs, ObjectNode original, String override) {
    String text = override.substring(override.indexOf('=') + 1);
    JsonNode asText = JsonConfig.value(text);
    return JsonConfig.flow(text)
        .filter(
            list ->
                isAccepted(configs, original, override, list)
                    || !isAccepted(configs, original, override, asText))
        .orElse(asText);
  }

  private static boolean isAccepted(
      JsonConfig configs, ObjectNode original, String override, JsonNode value) {
    ObjectNode tree = original.deepCopy();
    try {
      set(tree, override, value);
      return configs.convert(OPTION, tree, RunConfig.class) != null;
    } catch (UserException e) {
      return false;
    }
  }

  private static void set(ObjectNode tree, String override, JsonNode value) {
    int equals = override.indexOf('=');
    int dot = override.indexOf('.');
    if (equals < 0 || dot < 0 || dot > equals) {
      String key = override.substring(0, equals < 0 ? override.length() : equals);
      String meant =
          JsonConfig.pathOf(RunConfig.class, key)
              .filter(path -> path.contains("."))
              .map(path -> "; did you mean '" + path + "'?")
              .orElse("");
      throw fault(override, "expected part.key=value, such as train.max_steps=100" + meant);
    }
    List<String> path = Splitter.on('.').splitToList(override.substring(0, equals));
    JsonNode node = tree;
    for (int i = 0; i + 1 < path.size(); i++) {
      JsonNode next = get(node, path.get(i), override);
      if (next == null) {
        next = isPlace(path.get(i + 1)) ? JSON.arrayNode() : JSON.objectNode();
        put(node, path.get(i), next, override);
      } else if (!next.isContainerNode()) {
        throw fault(override, "'" + path.get(i) + "' is " + next + ", which holds no keys");
      }
      node = next;
    }
    put(node, path.get(path.size() - 1), value, override);
  }

  private static JsonNode get(JsonNode node, String step, String override) {
    return node instanceof ArrayNode list ? list.get(index(list, step, override)) : node.get(step);
  }

  private static void put(JsonNode node, String key, JsonNode value, String override) {
    if (node instanceof ObjectNode object) {
      object.set(key, value); // an unknown key is refused with all others, with the nearest one
      return;
    }
    ArrayNode list = (ArrayNode) node;
    int index = index(list, key, override);
    if (index == list.size()) {
      list.add(value);
    } else {
      list.set(index, value);
    }
  }

  private static int index(ArrayNode list, String step, String override) {
    if (!isPlace(step) || Integer.parseInt(step) > list.size()) {
      throw fault(override, "'" + step + "' is no place in a list, expected 0 to " + list.size());
    }
    return Integer.parseInt(step);
  }

  private static boolean isPlace(String step) {
    return step.matches("\\d{1,9}");
  }

  private static UserException fault(String override, String message) {
    return new UserException(OPTION + " " + override + ": " + message);
  }
}
