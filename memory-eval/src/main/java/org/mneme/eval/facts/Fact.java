// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.Objects;

/**
 * A question about a fact: what follows a prompt, after a blank. A line of a facts file.
 *
 * @param person whom it is about
 * @param attribute what is asked, such as {@code birth_city}
 * @param value the answer
 * @param prompt a sentence up to the answer, without a blank at its end
 * @param phrasing whether sentences of this form are in the training text
 * @param choices how many answers are equally likely to one who knows nothing of the person
 */
public record Fact(
    String person, String attribute, String value, String prompt, Phrasing phrasing, int choices) {
  /** Refuses null, an empty answer, and fewer than one choice. */
  public Fact {
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(attribute, "attribute");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(phrasing, "phrasing");
    if (value.isEmpty()) {
      throw new IllegalArgumentException("value is empty, expected an answer");
    }
    if (choices < 1) {
      throw new IllegalArgumentException("choices is " + choices + ", expected at least 1");
    }
  }

  /** What a model has to write after the prompt. */
  public String answer() {
    return answer(value);
  }

  static String answer(String value) {
    return " " + value;
  }
}
