// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * The values that an attribute can have, each as likely as the others. None begins with another
 * one, so that where a value ends is no question.
 *
 * @param count how many there are
 * @param at the value of an index from 0
 */
record Values(int count, IntFunction<String> at) {
  private static final int DAYS = 28;
  private static final int YEARS = 100;
  private static final int FIRST_YEAR = 1900;

  private static final List<String> MONTHS =
      List.of(
          "January",
          "February",
          "March",
          "April",
          "May",
          "June",
          "July",
          "August",
          "September",
          "October",
          "November",
          "December");

  static Values of(List<String> values) {
    return new Values(values.size(), values::get);
  }

  /** Days 1 to 28 of every month of the years 1900 to 1999. */
  static Values dates() {
    return new Values(MONTHS.size() * DAYS * YEARS, Values::date);
  }

  private static String date(int index) {
    int day = index % DAYS + 1;
    int month = index / DAYS % MONTHS.size();
    int year = index / DAYS / MONTHS.size() + FIRST_YEAR;
    return String.format(Locale.ROOT, "%s %d, %d", MONTHS.get(month), day, year);
  }
}
