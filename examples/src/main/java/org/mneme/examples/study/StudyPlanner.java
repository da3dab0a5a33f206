// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;

/**
 * Checks a study and makes a complete configuration of each of its systems.
 *
 * <p>What a system is comes first: the keys in which the published system differs from a model
 * without a memory, or its configuration file. Over that lies the study's base, over that the
 * system's own keys. So the base tells the sizes of a study once, also those of memories.
 */
final class StudyPlanner {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

  private final JsonConfig configs = new JsonConfig();
  private final StudyConfig study;
  private final String source;

  private StudyPlanner(StudyConfig study, String source) {
    this.study = study;
    this.source = source;
  }

  /**
   * The systems of a study, in its order.
   *
   * @param source where the study is from, for messages
   * @throws UserException naming all that is wrong with the study, or the key that is wrong in a
   *     system
   */
  static List<PlannedSystem> plan(StudyConfig study, String source) {
    StudyPlanner planner = new StudyPlanner(study, source);
    planner.check();
    Map<String, PlannedSystem> planned = new LinkedHashMap<>();
    for (StudySystem system : study.systems()) {
      planned.put(system.name(), planner.planned(system));
    }
    for (StudySystem system : study.systems()) {
      if (system.flopsLike() != null) {
        planned.put(system.name(), planner.atEqualFlops(system, planned));
      }
    }
    planner.requireOneBudget(List.copyOf(planned.values()));
    return List.copyOf(planned.values());
  }

  private void check() {
    List<String> faults = new ArrayList<>();
    expect(faults, "name", study.name(), isName(study.name()));
    study.data().check(faults);
    study.evaluation().check(faults);
    if (study.systems().isEmpty()) {
      faults.add("systems is empty, expected at least one");
    }
    if (study.seeds().isEmpty() || new HashSet<>(study.seeds()).size() < study.seeds().size()) {
      faults.add("seeds is " + study.seeds() + ", expected different numbers");
    }
    Set<String> names = new HashSet<>();
    for (StudySystem system : study.systems()) {
      expect(faults, "systems.name", system.name(), isName(system.name()));
      if (!names.add(system.name())) {
        faults.add("two systems have the name '" + system.name() + "'");
      }
      if ((system.system() == null) == (system.config() == null)) {
        faults.add("system '" + system.name() + "': expected either system or config");
      }
    }
    requireNone(faults);
  }

  private static boolean isName(String name) {
    return name != null && name.matches(NAME);
  }

  private static void expect(List<String> faults, String key, String found, boolean holds) {
    if (!holds) {
      faults.add(key + " is '" + found + "', expected up to 100 letters, digits, '.', '_' and '-'");
    }
  }

  private void requireNone(List<String> faults) {
    if (!faults.isEmpty()) {
      throw new UserException(source + ": " + String.join("; ", faults));
    }
  }

  private PlannedSystem planned(StudySystem system) {
    ObjectNode tree = Trees.empty();
    put(tree, "systems." + system.name(), of(system));
    put(
        tree,
        "base",
        study.base().isTextual() ? file("base", study.base().asText()) : study.base());
    put(tree, "systems." + system.name() + ".set", system.set());
    Trees.put(tree, experiment(system));
    String named = source + ", system " + system.name();
    RunConfig run = configs.convert(named, tree, RunConfig.class);
    requireMemoryInit(named, run);
    return new PlannedSystem(system.name(), system.label(), run);
  }

  /** Refuses before any text is read; the knowledge of a study is its training documents. */
  private static void requireMemoryInit(String named, RunConfig run) {
    try {
      run.train().memoryInit().requireFor(run.model(), false);
    } catch (UserException e) {
      throw new UserException(named + ": " + e.getMessage(), e);
    }
  }

  private void put(ObjectNode tree, String key, JsonNode over) {
    if (!over.isObject()) {
      String found = over.isArray() ? "a list" : over.toString();
      throw new UserException(source + ": " + key + " is " + found + ", expected keys and values");
    }
    Trees.put(tree, over);
  }

  private ObjectNode of(StudySystem system) {
    if (system.config() != null) {
      return file("systems.config", system.config());
    }
    try {
      return preset(system.system());
    } catch (UserException e) {
      throw new UserException(source + ": system '" + system.name() + "': " + e.getMessage(), e);
    }
  }

  /** A file that the study names; a relative path is relative to the study's folder. */
  private ObjectNode file(String key, String path) {
    Path file;
    try {
      file = Path.of(source).resolveSibling(path);
    } catch (InvalidPathException e) {
      throw new UserException(
          source + ": " + key + " cannot be the name of a file (" + e.getReason() + ")", e);
    }
    try {
      return configs.read(file, ObjectNode.class);
    } catch (UserException e) {
      throw new UserException(source + ": " + key + ": " + e.getMessage(), e);
    }
  }

  /** The model's keys in which a published system differs from the default. */
  private ObjectNode preset(String id) {
    ObjectNode usual = configs.tree(ModelConfig.builder().build());
    ObjectNode own = configs.tree(PublishedSystem.of(id).config().build());
    own.properties().removeIf(key -> Objects.equals(key.getValue(), usual.get(key.getKey())));
    ObjectNode tree = Trees.empty();
    tree.set("model", own);
    return tree;
  }

  private JsonNode experiment(StudySystem system) {
    ObjectNode tree = Trees.empty();
    tree.put("experiment.version", system.name());
    tree.put("experiment.description", system.label());
    tree.put("experiment.question", study.question());
    return tree;
  }

  private PlannedSystem atEqualFlops(StudySystem system, Map<String, PlannedSystem> planned) {
    PlannedSystem like = planned.get(system.flopsLike());
    if (like == null) {
      throw new UserException(
          String.format(
              "%s: system '%s': flops_like is '%s', expected one of %s",
              source, system.name(), system.flopsLike(), planned.keySet()));
    }
    PlannedSystem own = planned.get(system.name());
    try {
      return switch (system.flopsBy()) {
        case STEPS -> EqualFlops.bySteps(own, like);
        case HIDDEN_DIM -> EqualFlops.byHiddenDim(own, like);
      };
    } catch (UserException e) {
      throw new UserException(source + ": " + e.getMessage(), e);
    }
  }

  /** Systems of one study read the same text in the same pieces, equally often. */
  private void requireOneBudget(List<PlannedSystem> planned) {
    List<String> faults = new ArrayList<>();
    PlannedSystem first = planned.get(0);
    for (int i = 0; i < planned.size(); i++) {
      PlannedSystem system = planned.get(i);
      RunConfig run = system.run();
      equal(faults, system, "data", run.data(), first.run().data());
      equal(faults, system, "model.vocab_size", vocabulary(system), vocabulary(first));
      equal(faults, system, "model.max_seq_len", length(system), length(first));
      equal(faults, system, "tokens of a step", system.tokensPerStep(), first.tokensPerStep());
      if (run.train().epochs() != 0 || run.train().maxSteps() == 0) {
        faults.add(
            String.format(
                Locale.ROOT,
                "system '%s': train.epochs is %d and train.max_steps is %d, expected 0 and above 0",
                system.name(),
                run.train().epochs(),
                run.train().maxSteps()));
      }
      if (study.systems().get(i).flopsLike() == null
          && study.systems().get(0).flopsLike() == null) {
        long steps = first.run().train().maxSteps();
        equal(faults, system, "train.max_steps", run.train().maxSteps(), steps);
      }
    }
    requireNone(faults);
  }

  private static int vocabulary(PlannedSystem system) {
    return system.run().model().vocabSize();
  }

  private static int length(PlannedSystem system) {
    return system.run().model().maxSeqLen();
  }

  private static void equal(
      List<String> faults, PlannedSystem system, String key, Object found, Object expected) {
    if (!found.equals(expected)) {
      faults.add(
          String.format(
              "system '%s': %s is %s, expected that of the first system, %s",
              system.name(), key, found, expected));
    }
  }
}
