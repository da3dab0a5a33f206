// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a report shows.
 *
 * @param title the heading
 * @param subtitle one line below it, for instance data, size and date; may be empty
 * @param introduction what was asked and how it was answered, one element for each paragraph
 * @param runs the runs that are compared, in the order in which they are shown
 * @param unigramEntropy entropy of the validation tokens' own frequencies in nats per token: the
 *     loss of a model that knows how often a token occurs and nothing else; NaN if not measured
 * @param environment machine and versions, in the order in which they are shown
 * @param reproduce the commands that make these runs again, one for each line
 */
public record Report(
    String title,
    String subtitle,
    List<String> introduction,
    List<RunSummary> runs,
    double unigramEntropy,
    Map<String, String> environment,
    List<String> reproduce) {

  /** Copies the collections. */
  public Report {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(subtitle, "subtitle");
    introduction = List.copyOf(introduction);
    runs = List.copyOf(runs);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    reproduce = List.copyOf(reproduce);
  }
}
