// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.util.OptionalDouble;

/**
 * The numbers of a run by name: {@code EVENT.KEY} is the last value of a key of {@code
 * metrics.jsonl}, {@code evaluation.KEY} one of {@code evaluation.json}, where an element of a list
 * goes by its {@code phrasing} or {@code attribute}. Besides there are those that follow from
 * others:
 *
 * <ul>
 *   <li>{@code validation_loss} of the last validation, else of the evaluation; {@code perplexity}
 *   <li>{@code evaluated_loss} and {@code loss_without_reads}, of the evaluation, else of what was
 *       found at the end of the training; {@code knock_out}, what the loss gains without reads
 *   <li>{@code tokens_per_second}, the median over training; {@code training_tokens}
 *   <li>{@code parameters}, trainable ones; {@code flops_per_token} of training
 * </ul>
 */
final class Measures {
  static final String VALIDATION_LOSS = "validation_loss";
  static final String PERPLEXITY = "perplexity";
  static final String LOSS = "evaluated_loss";
  static final String LOSS_WITHOUT_READS = "loss_without_reads";
  static final String KNOCK_OUT = "knock_out";
  static final String SPEED = "tokens_per_second";
  static final String TOKENS = "training_tokens";
  static final String PARAMETERS = "parameters";
  static final String FLOPS = "flops_per_token";

  private Measures() {}

  static OptionalDouble of(RecordedRun run, String name) {
    double value =
        switch (name) {
          case VALIDATION_LOSS -> validationLoss(run);
          case PERPLEXITY -> Math.exp(validationLoss(run));
          case LOSS -> inText(run, true);
          case LOSS_WITHOUT_READS -> inText(run, false);
          case KNOCK_OUT -> inText(run, false) - inText(run, true);
          case SPEED -> run.metrics().series("train", "tokens_per_second").median();
          case TOKENS -> positive(run.metrics().tokens());
          case PARAMETERS -> positive((double) run.metrics().parameters());
          case FLOPS -> run.modelFlops();
          default -> told(run, name);
        };
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private static double validationLoss(RecordedRun run) {
    double last = run.metrics().last("validation", "loss");
    return Double.isFinite(last) ? last : inText(run, true);
  }

  /** Loss and loss without reads are measured on one text: that of the evaluation, or the other. */
  private static double inText(RecordedRun run, boolean withReads) {
    JsonNode text = run.evaluation().path("text");
    if (text.path("loss").isNumber()) {
      return text.path(withReads ? "loss" : "loss_without_reads").asDouble(Double.NaN);
    }
    Findings findings = run.findings();
    Double found = withReads ? findings.loss() : findings.lossWithoutReads();
    return found == null ? Double.NaN : found;
  }

  private static double positive(double value) {
    return value > 0 ? value : Double.NaN;
  }

  private static double told(RecordedRun run, String name) {
    int dot = name.indexOf('.');
    if (dot < 0) {
      return Double.NaN;
    }
    String source = name.substring(0, dot);
    String key = name.substring(dot + 1);
    return source.equals("evaluation")
        ? within(run.evaluation(), key)
        : run.metrics().last(source, key);
  }

  /** The number at a path such as {@code facts.phrasings.train.exact_recall}. */
  private static double within(ObjectNode root, String path) {
    JsonNode node = root;
    for (String key : Splitter.on('.').split(path)) {
      node = node.isArray() ? element(node, key) : node.path(key);
    }
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }

  private static JsonNode element(JsonNode list, String key) {
    for (JsonNode element : list) {
      boolean named =
          element.path("phrasing").asText().equals(key)
              || element.path("attribute").asText().equals(key);
      if (named) {
        return element;
      }
    }
    return list.path(key);
  }
}
