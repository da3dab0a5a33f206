// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.eval.report.chart.Series;

/**
 * The curves of a training over tokens, from its metrics: all of it, also what was before a resume.
 *
 * @param trainLoss cross-entropy in nats
 * @param validationLoss cross-entropy of held-out text in nats
 * @param speed tokens a second
 */
record Curves(Series trainLoss, Series validationLoss, Series speed) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the curves.
   *
   * @throws UserException if the file cannot be read
   */
  static Curves read(Path metrics) {
    List<double[]> trainLoss = new ArrayList<>();
    List<double[]> validationLoss = new ArrayList<>();
    List<double[]> speed = new ArrayList<>();
    double tokensPerStep = 0;
    for (JsonNode event : events(metrics)) {
      switch (event.path("event").asText()) {
        case "start" -> tokensPerStep = event.path("tokens_per_step").asDouble();
        case "train" -> {
          double tokens = event.path("tokens").asDouble();
          trainLoss.add(new double[] {tokens, event.path("ce").asDouble()});
          speed.add(new double[] {tokens, event.path("tokens_per_second").asDouble()});
        }
        case "validation" -> {
          double tokens = event.path("step").asDouble() * tokensPerStep;
          validationLoss.add(new double[] {tokens, event.path("loss").asDouble()});
        }
        default -> {
          // Other events have no curve.
        }
      }
    }
    return new Curves(series(trainLoss), series(validationLoss), series(speed));
  }

  private static List<JsonNode> events(Path metrics) {
    List<JsonNode> events = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(metrics)) {
        events.add(JSON.readTree(line));
      }
    } catch (JsonProcessingException e) {
      throw new UserException(metrics + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UserException(metrics + ": cannot be read: " + e, e);
    }
    return events;
  }

  private static Series series(List<double[]> points) {
    return new Series(
        points.stream().mapToDouble(point -> point[0]).toArray(),
        points.stream().mapToDouble(point -> point[1]).toArray());
  }
}
