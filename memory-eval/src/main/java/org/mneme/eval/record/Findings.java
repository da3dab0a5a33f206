// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mneme.eval.report.MemoryUsage;
import org.mneme.eval.report.Report;
import org.mneme.eval.report.RunSummary;
import org.mneme.eval.report.document.Sample;
import org.mneme.eval.report.memory.MemoryPage;
import org.mneme.model.config.JsonConfig;

/**
 * What was found of a model when its training ended, kept so that a record can be written without
 * the model. On disk a JSON object whose keys are the component names in snake case.
 *
 * @param unigramEntropy loss on held-out text of a model that knows how often each token occurs and
 *     nothing else, nats; null if it was not measured
 * @param loss on held-out text, nats; null if there was none
 * @param lossWithoutReads the same with every read from the memory set to zero; null for a model
 *     without a memory
 * @param samples texts that it wrote
 * @param memoryPages entries of its memory
 * @param environment machine and versions
 * @param reproduce what to type to do it again
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Findings(
    Double unigramEntropy,
    Double loss,
    Double lossWithoutReads,
    List<Sample> samples,
    List<MemoryPage> memoryPages,
    Map<String, String> environment,
    List<String> reproduce) {
  /** The name of the file in a run's folder. */
  public static final String FILE = "findings.json";

  /** Nothing. */
  static final Findings NONE = new Findings(null, null, null, null, null, null, null);

  /** Copies the lists; one that is absent is empty. */
  public Findings {
    samples = samples == null ? List.of() : List.copyOf(samples);
    memoryPages = memoryPages == null ? List.of() : List.copyOf(memoryPages);
    environment =
        environment == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    reproduce = reproduce == null ? List.of() : List.copyOf(reproduce);
  }

  /** What a report tells of one of its runs. */
  public static Findings of(RunSummary run, Report report) {
    return new Findings(
        measured(report.unigramEntropy()),
        measured(run.finalValidationLoss()),
        measured(run.usage().map(MemoryUsage::lossWithoutReads).orElse(Double.NaN)),
        run.samples(),
        run.pages(),
        report.environment(),
        report.reproduce());
  }

  private static Double measured(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** Writes them into the folder of a run, in place of those that are there. */
  public void write(Path folder) throws IOException {
    new JsonConfig().write(folder.resolve(FILE), this);
  }
}
