// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.mneme.compute.UserException;
import org.mneme.eval.facts.FactsEvaluation;
import org.mneme.eval.generate.GenerationEvaluation;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.JsonConfig;

/**
 * All that was measured of a model at one point of its training. On disk a JSON object whose keys
 * are the component names in snake case; what was not measured is null here and absent there.
 *
 * @param checkpoint name of the folder that holds the model
 * @param step optimiser steps that it was trained for; null if the checkpoint does not tell
 * @param device id of the device that measured
 * @param dtype with which it computed: {@code f32} or {@code bf16}
 * @param trainableParameters numbers that the optimiser moves
 * @param totalParameters with the entries of a memory that the optimiser does not move
 * @param text loss on text
 * @param generation what it writes
 * @param facts what it recalls
 * @param usageOverTime how its memory was used at each validation of its training, by step; empty
 *     if that is not known
 * @param unmeasured parts that should have been measured and were not, such as {@code facts}, with
 *     the reason; empty for a complete evaluation
 * @param measuredElsewhere parts that another device or type has measured than {@code device} and
 *     {@code dtype} say, with those, such as {@code cuda:0 bf16}; empty if all are of one
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Evaluation(
    String checkpoint,
    Long step,
    String device,
    String dtype,
    long trainableParameters,
    long totalParameters,
    TextEvaluation text,
    GenerationEvaluation generation,
    FactsEvaluation facts,
    List<MemoryUse> usageOverTime,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> unmeasured,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> measuredElsewhere) {
  /** The key of {@link #text} among what was not measured. */
  public static final String TEXT = "text";

  /** The key of {@link #generation} among what was not measured. */
  public static final String GENERATION = "generation";

  /** The key of {@link #facts} among what was not measured. */
  public static final String FACTS = "facts";

  /** The name of the file in a run's folder. */
  public static final String FILE = "evaluation.json";

  /** Copies list and map; one that is absent is empty. */
  public Evaluation {
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(dtype, "dtype");
    usageOverTime = usageOverTime == null ? List.of() : List.copyOf(usageOverTime);
    unmeasured = copy(unmeasured);
    measuredElsewhere = copy(measuredElsewhere);
  }

  private static Map<String, String> copy(Map<String, String> map) {
    return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** Returns whether all that should have been measured was. */
  @JsonIgnore
  public boolean isComplete() {
    return unmeasured.isEmpty();
  }

  /** Starts an evaluation of a model. */
  public static Builder of(LanguageModel model, String checkpoint) {
    return new Builder(model, checkpoint);
  }

  /**
   * Returns this evaluation, with what it lacks from one of the same checkpoint. A part that
   * another device or type has measured is in {@link #measuredElsewhere}: its numbers differ in
   * their last digits, or with bf16 in more of them.
   *
   * @param other is left alone if it is of another checkpoint or step
   */
  public Evaluation orElse(Evaluation other) {
    if (!checkpoint.equals(other.checkpoint) || !Objects.equals(step, other.step)) {
      return this;
    }
    return new Evaluation(
        checkpoint,
        step,
        device,
        dtype,
        trainableParameters,
        totalParameters,
        text == null ? other.text : text,
        generation == null ? other.generation : generation,
        facts == null ? other.facts : facts,
        usageOverTime.isEmpty() ? other.usageOverTime : usageOverTime,
        unmeasuredInBoth(other),
        measuredElsewhere(other));
  }

  private Map<String, String> measuredElsewhere(Evaluation other) {
    Map<String, String> elsewhere = new LinkedHashMap<>(measuredElsewhere);
    for (String part : List.of(TEXT, GENERATION, FACTS)) {
      if (!has(part) && other.has(part)) {
        String where = other.measuredElsewhere.getOrDefault(part, other.where());
        if (!where.equals(where())) {
          elsewhere.put(part, where);
        }
      }
    }
    return elsewhere;
  }

  private String where() {
    return device + " " + dtype;
  }

  /** What neither of both has; the reason of this one counts. */
  private Map<String, String> unmeasuredInBoth(Evaluation other) {
    Map<String, String> both = new LinkedHashMap<>(other.unmeasured);
    both.putAll(unmeasured);
    both.keySet().removeIf(part -> has(part) || other.has(part));
    return both;
  }

  private boolean has(String part) {
    return switch (part) {
      case TEXT -> text != null;
      case GENERATION -> generation != null;
      case FACTS -> facts != null;
      default -> false;
    };
  }

  /**
   * Reads an evaluation.
   *
   * @throws org.mneme.compute.UserException naming file, line and key of what is wrong
   */
  public static Evaluation read(Path file) {
    Evaluation evaluation = new JsonConfig().readRecord(file, Evaluation.class);
    if (evaluation == null) {
      throw new UserException(file + ": expected an object with an evaluation, got null");
    }
    return evaluation;
  }

  /** Writes it in place of any file of this name. */
  public void write(Path file) throws IOException {
    new JsonConfig().write(file, this);
  }

  /** Collects what was measured; all of it may be left out. */
  public static final class Builder {
    private final LanguageModel model;
    private final String checkpoint;
    private Long step;
    private TextEvaluation text;
    private GenerationEvaluation generation;
    private FactsEvaluation facts;
    private List<MemoryUse> usageOverTime = List.of();
    private Map<String, String> unmeasured = Map.of();

    private Builder(LanguageModel model, String checkpoint) {
      this.model = model;
      this.checkpoint = checkpoint;
    }

    /** Sets the optimiser steps that the model was trained for. */
    public Builder step(long value) {
      step = value;
      return this;
    }

    /** Sets the loss on text. */
    public Builder text(TextEvaluation value) {
      text = value;
      return this;
    }

    /** Sets what the model writes. */
    public Builder generation(GenerationEvaluation value) {
      generation = value;
      return this;
    }

    /** Sets what the model recalls. */
    public Builder facts(FactsEvaluation value) {
      facts = value;
      return this;
    }

    /** Sets how the memory was used while it was trained. */
    public Builder usageOverTime(List<MemoryUse> value) {
      usageOverTime = List.copyOf(value);
      return this;
    }

    /** Sets the parts that were not measured, with the reason. */
    public Builder unmeasured(Map<String, String> value) {
      unmeasured = new LinkedHashMap<>(value);
      return this;
    }

    /** The evaluation. */
    public Evaluation build() {
      ParameterCount parameters = ParameterCount.of(model);
      return new Evaluation(
          checkpoint,
          step,
          model.device().info().id(),
          model.computeType().name().toLowerCase(Locale.ROOT),
          parameters.trainable(),
          parameters.total(),
          text,
          generation,
          facts,
          usageOverTime,
          unmeasured,
          Map.of());
    }
  }
}
