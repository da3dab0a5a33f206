// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Objects;
import org.mneme.compute.DType;

/**
 * One of the systems that a study compares. It is the published system or the configuration file,
 * below the study's base, below its own keys.
 *
 * @param name short and unique; part of a folder's name
 * @param label what it is, in a few words
 * @param system id of the published system; null where there is a file
 * @param config path of a run configuration, from the study's folder; null where there is a
 *     published system
 * @param set keys that are its own: {@code model.knowledge_num: 4096}, or nested
 * @param flopsLike name of a system whose operations of training it shall have; null for the tokens
 *     of the study
 * @param flopsBy what is changed for that
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record StudySystem(
    String name,
    String label,
    String system,
    String config,
    JsonNode set,
    String flopsLike,
    FlopsBy flopsBy) {

  /** Fills in what was left out. */
  StudySystem {
    label = label == null ? name : label;
    set = set == null ? Trees.empty() : set;
    flopsBy = Objects.requireNonNullElse(flopsBy, FlopsBy.STEPS);
  }

  /** This system with another type to compute with. */
  StudySystem withDtype(DType dtype) {
    ObjectNode keys = Trees.empty();
    Trees.put(keys, set);
    Trees.put(keys, Trees.empty().put("train.dtype", dtype.name().toLowerCase(Locale.ROOT)));
    return new StudySystem(name, label, system, config, keys, flopsLike, flopsBy);
  }

  /** What is changed so that the operations of two trainings are equal. */
  enum FlopsBy {
    /** The number of steps: it sees more or fewer tokens. */
    STEPS,
    /** The width of the feed-forward layers: it sees the same tokens. */
    HIDDEN_DIM
  }
}
