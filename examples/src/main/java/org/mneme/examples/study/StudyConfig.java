// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.file.Path;
import java.util.List;
import org.mneme.compute.DType;
import org.mneme.model.config.JsonConfig;

/**
 * A study as its file tells it. Keys on disk are the component names in snake case; {@link
 * StudyPlanner} checks the values and makes configurations of runs of them.
 *
 * @param name of its folder
 * @param question what it shall answer
 * @param base what all systems have in common: keys of a run configuration, or the path of one,
 *     from the study's folder
 * @param data the text
 * @param seeds each system is trained once with each
 * @param systems what is compared; the first is the baseline
 * @param evaluation how much is measured of each run
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record StudyConfig(
    String name,
    String question,
    JsonNode base,
    StudyData data,
    List<Long> seeds,
    List<StudySystem> systems,
    StudyEvaluation evaluation) {

  /** Fills in what was left out. */
  StudyConfig {
    question = question == null ? "" : question;
    base = base == null ? Trees.empty() : base;
    data = data == null ? new StudyData(null, null, null, null) : data;
    seeds = seeds == null ? List.of(1L) : List.copyOf(seeds);
    systems = systems == null ? List.of() : List.copyOf(systems);
    evaluation =
        evaluation == null ? new StudyEvaluation(null, null, null, null, null, null) : evaluation;
  }

  /**
   * Reads a study from YAML or JSON.
   *
   * @throws org.mneme.compute.UserException naming file, line and key of what is wrong
   */
  static StudyConfig read(Path file) {
    return new JsonConfig().read(file, StudyConfig.class);
  }

  /** This study on other files. */
  StudyConfig withFiles(List<String> files) {
    StudyData other = new StudyData(null, null, files, data.facts());
    return new StudyConfig(name, question, base, other, seeds, systems, evaluation);
  }

  /** This study with another type to compute with, in all systems. */
  StudyConfig withDtype(DType dtype) {
    List<StudySystem> others = systems.stream().map(system -> system.withDtype(dtype)).toList();
    return new StudyConfig(name, question, base, data, seeds, others, evaluation);
  }

  /** This study with other seeds. */
  StudyConfig withSeeds(List<Long> others) {
    return new StudyConfig(name, question, base, data, others, systems, evaluation);
  }
}
