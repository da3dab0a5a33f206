// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.mneme.compute.UserException;
import org.mneme.eval.facts.BiographyConfig;

/**
 * The text of a study: a corpus or files, and biographies if asked for. How it is read (fields,
 * packing, share that is held out) stands in the {@code data} part of the study's base.
 *
 * @param corpus {@code wordnet} for WordNet 3.1; empty for files
 * @param every of the corpus, every so many-th document only; 1 for all
 * @param files JSONL files
 * @param facts biographies that all systems read and are asked about; null for none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record StudyData(String corpus, Integer every, List<String> files, Facts facts) {
  static final String WORDNET = "wordnet";

  /** Fills in what was left out. */
  StudyData {
    corpus = Objects.requireNonNullElse(corpus, "");
    every = Objects.requireNonNullElse(every, 1);
    files = files == null ? List.of() : List.copyOf(files);
  }

  /** Adds what is wrong to a list. */
  void check(List<String> faults) {
    if (!corpus.isEmpty() && !corpus.equals(WORDNET)) {
      faults.add("data.corpus is '" + corpus + "', expected wordnet");
    }
    if (corpus.isEmpty() == files.isEmpty()) {
      faults.add(
          "data.corpus is '" + corpus + "' and data.files is " + files + ", expected one of them");
    }
    if (every < 1) {
      faults.add("data.every is " + every + ", expected at least 1");
    } else if (every > 1 && corpus.isEmpty()) {
      faults.add("data.every is " + every + ", expected 1: it is for a corpus, not for files");
    }
    if (facts != null) {
      facts.check(faults);
    }
  }

  /**
   * Biographies mixed into the training text, see {@link BiographyConfig}.
   *
   * @param people persons
   * @param exposures documents about each
   * @param seed of names, values and words
   */
  record Facts(Integer people, Integer exposures, Long seed) {
    /** More documents than that are not counted by an int. */
    private static final int MOST_DOCUMENTS = 1 << 30;

    /** Fills in what was left out. */
    Facts {
      people = Objects.requireNonNullElse(people, 1000);
      exposures = Objects.requireNonNullElse(exposures, 20);
      seed = Objects.requireNonNullElse(seed, 1L);
    }

    private void check(List<String> faults) {
      try {
        config();
      } catch (UserException e) {
        faults.add("data.facts." + e.getMessage());
        return;
      }
      if ((long) people * exposures > MOST_DOCUMENTS) {
        faults.add(
            String.format(
                Locale.ROOT,
                "data.facts.people is %d and data.facts.exposures is %d, expected a product of at"
                    + " most %d",
                people,
                exposures,
                MOST_DOCUMENTS));
      }
    }

    BiographyConfig config() {
      return new BiographyConfig(people, exposures, seed);
    }
  }
}
