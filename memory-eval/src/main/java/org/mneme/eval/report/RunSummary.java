// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.mneme.eval.report.chart.Series;
import org.mneme.eval.report.document.Sample;
import org.mneme.eval.report.memory.MemoryPage;

/**
 * One trained model: its settings, its curves and its results. What was not measured is NaN, 0 for
 * a count, or empty.
 *
 * @param name a short name that fits the end of a curve, for instance {@code 1.4.6}
 * @param label a name that explains, for instance {@code 1.4.6 token memory}
 * @param settings what distinguishes the run, in the order in which it is shown
 * @param trainableParameters number of parameters that the optimiser moves
 * @param totalParameters number of all parameters, with the entries of a memory
 * @param trainTokens tokens seen in training
 * @param trainSeconds wall time of training, without evaluation
 * @param trainLoss cross-entropy of training batches, nats per token, over tokens seen
 * @param validationLoss cross-entropy of held-out text, nats per token, over tokens seen
 * @param tokensPerSecond training speed over tokens seen
 * @param finalValidationLoss cross-entropy of the final model on held-out text, nats per token
 * @param peakMemoryBytes largest memory of the run
 * @param usage how its memory was used; empty for a model without memory
 * @param samples texts that it wrote
 * @param pages entries of its memory
 */
public record RunSummary(
    String name,
    String label,
    Map<String, String> settings,
    long trainableParameters,
    long totalParameters,
    long trainTokens,
    double trainSeconds,
    Series trainLoss,
    Series validationLoss,
    Series tokensPerSecond,
    double finalValidationLoss,
    long peakMemoryBytes,
    Optional<MemoryUsage> usage,
    List<Sample> samples,
    List<MemoryPage> pages) {

  /** Copies the collections. */
  public RunSummary {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(trainLoss, "trainLoss");
    Objects.requireNonNull(validationLoss, "validationLoss");
    Objects.requireNonNull(tokensPerSecond, "tokensPerSecond");
    Objects.requireNonNull(usage, "usage");
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    samples = List.copyOf(samples);
    pages = List.copyOf(pages);
  }

  /** Starts a run of that name; everything that is not set afterwards counts as not measured. */
  public static Builder named(String name, String label) {
    return new Builder(name, label);
  }

  /** The final perplexity, e to the final validation loss. */
  public double perplexity() {
    return Math.exp(finalValidationLoss);
  }

  /** Collects a run's values. */
  public static final class Builder {
    private final String name;
    private final String label;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private long trainableParameters;
    private long totalParameters;
    private long trainTokens;
    private double trainSeconds = Double.NaN;
    private Series trainLoss = Series.empty();
    private Series validationLoss = Series.empty();
    private Series tokensPerSecond = Series.empty();
    private double finalValidationLoss = Double.NaN;
    private long peakMemoryBytes;
    private Optional<MemoryUsage> usage = Optional.empty();
    private List<Sample> samples = List.of();
    private List<MemoryPage> pages = List.of();

    private Builder(String name, String label) {
      this.name = name;
      this.label = label;
    }

    /** Adds a setting. */
    public Builder setting(String key, Object value) {
      settings.put(key, String.valueOf(value));
      return this;
    }

    /** Sets the numbers of trainable and of all parameters. */
    public Builder parameters(long trainable, long total) {
      trainableParameters = trainable;
      totalParameters = total;
      return this;
    }

    /** Sets the training's length in tokens and in seconds without evaluation. */
    public Builder training(long tokens, double seconds) {
      trainTokens = tokens;
      trainSeconds = seconds;
      return this;
    }

    /** Sets the loss of training batches over tokens seen. */
    public Builder trainLoss(Series series) {
      trainLoss = series;
      return this;
    }

    /** Sets the validation loss over tokens seen. */
    public Builder validationLoss(Series series) {
      validationLoss = series;
      return this;
    }

    /** Sets the training speed over tokens seen. */
    public Builder tokensPerSecond(Series series) {
      tokensPerSecond = series;
      return this;
    }

    /** Sets the final validation loss, nats per token. */
    public Builder finalValidationLoss(double loss) {
      finalValidationLoss = loss;
      return this;
    }

    /** Sets the peak memory. */
    public Builder peakMemoryBytes(long bytes) {
      peakMemoryBytes = bytes;
      return this;
    }

    /** Sets how the memory was used. */
    public Builder usage(MemoryUsage memoryUsage) {
      usage = Optional.of(memoryUsage);
      return this;
    }

    /** Sets the samples. */
    public Builder samples(List<Sample> texts) {
      samples = List.copyOf(texts);
      return this;
    }

    /** Sets the pages of memory entries. */
    public Builder pages(List<MemoryPage> memoryPages) {
      pages = List.copyOf(memoryPages);
      return this;
    }

    /** The run. */
    public RunSummary build() {
      return new RunSummary(
          name,
          label,
          settings,
          trainableParameters,
          totalParameters,
          trainTokens,
          trainSeconds,
          trainLoss,
          validationLoss,
          tokensPerSecond,
          finalValidationLoss,
          peakMemoryBytes,
          usage,
          samples,
          pages);
    }
  }
}
