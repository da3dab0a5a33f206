// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Sample;

/**
 * A run as its folder tells of it. What is missing is empty.
 *
 * @param folder where it is
 * @param config the resolved configuration
 * @param info where it comes from: versions, machine, data, command
 * @param evaluation what was measured of the trained model
 * @param metrics what the training told
 * @param findings what was found of the model when its training ended
 * @param modelFlops floating-point operations to train on one token; NaN if they are not known
 * @param files what is in the folder
 * @param gaps what is missing or cannot be read, and why, a sentence each
 */
public record RecordedRun(
    Path folder,
    ObjectNode config,
    ObjectNode info,
    ObjectNode evaluation,
    MetricsLog metrics,
    Findings findings,
    double modelFlops,
    List<RunFile> files,
    List<String> gaps) {
  private static final Pattern TIME = Pattern.compile("-\\d{8}-\\d{6}(-\\d+)?$");
  private static final Pattern SEED = Pattern.compile("[-_.]?(seed|s)[-_.]?\\d+$");

  /** Copies the lists. */
  public RecordedRun {
    Objects.requireNonNull(folder, "folder");
    files = List.copyOf(files);
    gaps = List.copyOf(gaps);
  }

  /**
   * Reads the folder of a run.
   *
   * @throws org.mneme.compute.UserException if it is not one
   */
  public static RecordedRun read(Path folder) {
    return new RunReader(folder).read();
  }

  /** Whether a folder is that of a run: it has its configuration or its metrics. */
  public static boolean isRun(Path folder) {
    return RunReader.isRun(folder);
  }

  /** The name of its folder without the time. */
  public String name() {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    return last == null ? folder.toString() : TIME.matcher(last.toString()).replaceFirst("");
  }

  /** The name of its system: the version of the experiment, else its name without a seed. */
  public String system() {
    String version = config.path("experiment").path("version").asText();
    return version.isEmpty() ? SEED.matcher(name()).replaceFirst("") : version;
  }

  /** The baseline that its configuration names: a path, a name or a version; may be empty. */
  public String baseline() {
    return config.path("experiment").path("baseline").asText();
  }

  /** The seed of the training, if that is known. */
  public OptionalLong seed() {
    JsonNode seed = config.path("train").path("seed");
    return seed.isIntegralNumber() ? OptionalLong.of(seed.longValue()) : OptionalLong.empty();
  }

  /** Whether the model has a memory; false if that is not known. */
  public boolean hasMemory() {
    String store = config.path("model").path("memory_store").asText("none");
    return !store.equals("none");
  }

  /** The loss of held-out text over the training tokens seen. */
  public Series validationLoss() {
    return metrics.series("validation", "loss");
  }

  /** Texts that the trained model wrote: those of the evaluation, else those of the findings. */
  List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (JsonNode sample : evaluation.path("generation").path("samples")) {
      samples.add(new Sample(sample.path("prompt").asText(), sample.path("text").asText()));
    }
    return samples.isEmpty() ? findings.samples() : samples;
  }

  /** A number of the run by its name, if it was measured; see {@link Measures}. */
  public OptionalDouble measure(String name) {
    return Measures.of(this, name);
  }
}
