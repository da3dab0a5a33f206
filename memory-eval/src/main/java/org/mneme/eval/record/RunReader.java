// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelFlops;

/** Reads a run's folder; what is missing or broken is noted, not fatal. */
final class RunReader {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final JsonConfig RECORDS = new JsonConfig();
  private static final String MODEL = "model";

  private final Path folder;
  private final List<String> gaps = new ArrayList<>();

  RunReader(Path folder) {
    this.folder = folder;
  }

  RecordedRun read() {
    if (!isRun(folder)) {
      throw new UserException(
          folder + ": not the folder of a run: found neither config.json nor metrics.jsonl");
    }
    ObjectNode config = object("config.json", "settings, question and goals are not known");
    Optional<ModelConfig> model = model(config.path(MODEL));
    // With what it leaves out: a key that is younger than a run does not make it another model.
    model.ifPresent(known -> config.set(MODEL, RECORDS.tree(known)));
    ObjectNode info =
        object("info.json", "what was told before the run, such as hashes of data, is not known");
    ObjectNode evaluation =
        object("evaluation.json", "the trained model was not evaluated; './mneme eval' does that");
    noteMeasuredElsewhere(evaluation);
    return new RecordedRun(
        folder,
        config,
        info,
        evaluation,
        metrics(),
        findings(),
        model.map(known -> ModelFlops.of(known).training()).orElse(Double.NaN),
        files(),
        gaps);
  }

  /** Whether a folder is that of a run. */
  static boolean isRun(Path folder) {
    return (Files.isRegularFile(folder.resolve("config.json"))
            && !Files.isRegularFile(folder.resolve("model.safetensors")))
        || Files.isRegularFile(folder.resolve("metrics.jsonl"));
  }

  private ObjectNode object(String name, String consequence) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      gaps.add("There is no " + name + ": " + consequence + ".");
      return JSON.objectNode();
    }
    try {
      if (RECORDS.readRecord(file, JsonNode.class) instanceof ObjectNode object) {
        return object;
      }
      gaps.add(name + " holds no JSON object: " + consequence + ".");
    } catch (UserException e) {
      gaps.add(name + " cannot be read (" + oneLine(e) + "): " + consequence + ".");
    }
    return JSON.objectNode();
  }

  private void noteMeasuredElsewhere(ObjectNode evaluation) {
    for (Map.Entry<String, JsonNode> part : evaluation.path("measured_elsewhere").properties()) {
      gaps.add(
          String.format(
              "'%s' of evaluation.json was measured on %s, not on %s %s as the rest;"
                  + " './mneme eval' measures it again.",
              part.getKey(),
              part.getValue().asText(),
              evaluation.path("device").asText(),
              evaluation.path("dtype").asText()));
    }
  }

  private MetricsLog metrics() {
    Path file = folder.resolve("metrics.jsonl");
    try {
      MetricsLog log = Files.isRegularFile(file) ? MetricsLog.read(file) : MetricsLog.empty();
      if (log.kinds().isEmpty()) {
        gaps.add("There are no events in metrics.jsonl: there is nothing to draw.");
      }
      if (log.unreadable() > 0) {
        gaps.add("Lines of metrics.jsonl that could not be read: " + log.unreadable() + ".");
      }
      return log;
    } catch (IOException e) {
      gaps.add("metrics.jsonl cannot be read (" + oneLine(e) + "): there is nothing to draw.");
      return MetricsLog.empty();
    }
  }

  private Findings findings() {
    Path file = folder.resolve(Findings.FILE);
    if (!Files.isRegularFile(file)) {
      gaps.add("There is no " + Findings.FILE + ": a training writes it at its end.");
      return Findings.NONE;
    }
    try {
      Findings findings = RECORDS.readRecord(file, Findings.class);
      if (findings != null) {
        return findings;
      }
      gaps.add(Findings.FILE + " holds no JSON object.");
      return Findings.NONE;
    } catch (UserException e) {
      gaps.add(Findings.FILE + " cannot be read (" + oneLine(e) + ").");
      return Findings.NONE;
    }
  }

  private Optional<ModelConfig> model(JsonNode model) {
    if (!model.isObject()) {
      return Optional.empty();
    }
    try {
      return Optional.of(RECORDS.convert("config.json", model, ModelConfig.class));
    } catch (UserException e) {
      gaps.add("The model of config.json is not one of this version (" + oneLine(e) + ").");
      return Optional.empty();
    }
  }

  private List<RunFile> files() {
    try {
      return RunFile.of(folder);
    } catch (IOException e) {
      gaps.add("The files of the folder cannot be listed (" + oneLine(e) + ").");
      return List.of();
    }
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
