// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The steps of which a training has written a report or a validation, up to one step. They are not
 * rebuilt from the files of TensorBoard where they are lost: these hold the same numbers rounded to
 * single precision, and not all of them.
 *
 * @param step the last step that was done
 * @param planned the last step of the training, which is always reported
 * @param logInterval steps from one report to the next; 0 if it is not known
 * @param evalInterval steps from one validation to the next; 0 for the last step only, −1 for none
 */
public record ReportedSteps(long step, long planned, long logInterval, long evalInterval) {

  /**
   * Lists what is not among some events.
   *
   * @return such as "reports of steps 2 to 6, 10; validations of step 4"; empty if nothing is
   *     missing
   */
  String missing(List<JsonNode> events) {
    List<String> kinds = new ArrayList<>();
    if (logInterval > 0) {
      add("reports", missing(events, "train", logInterval), kinds);
    }
    if (evalInterval >= 0) {
      long interval = evalInterval == 0 ? planned : evalInterval;
      add("validations", missing(events, "validation", interval), kinds);
    }
    return String.join("; ", kinds);
  }

  private static void add(String kind, List<String> ranges, List<String> kinds) {
    if (!ranges.isEmpty()) {
      boolean one = ranges.size() == 1 && !ranges.get(0).contains(" ");
      kinds.add(kind + (one ? " of step " : " of steps ") + String.join(", ", ranges));
    }
  }

  private List<String> missing(List<JsonNode> events, String name, long interval) {
    Set<Long> left = new HashSet<>();
    events.stream()
        .filter(event -> event.path("event").asText().equals(name))
        .forEach(event -> left.add(event.path("step").asLong()));
    List<String> ranges = new ArrayList<>();
    long first = 0;
    for (long at = next(0, interval); at <= step; at = next(at, interval)) {
      first = left.contains(at) ? 0 : first == 0 ? at : first;
      long following = next(at, interval);
      boolean ends = following > step || left.contains(following);
      if (first > 0 && ends) {
        ranges.add(first == at ? String.valueOf(at) : first + " to " + at);
        first = 0;
      }
    }
    return ranges;
  }

  /** The next step that is reported; beyond the last step of the training for none. */
  private long next(long at, long interval) {
    long multiple = at / interval * interval + interval;
    return at >= planned ? Long.MAX_VALUE : Math.min(multiple, planned);
  }
}
