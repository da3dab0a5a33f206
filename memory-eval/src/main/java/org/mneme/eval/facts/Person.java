// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.List;

/**
 * Somebody who does not exist.
 *
 * @param number from 0
 * @param name first, middle and last name; no two persons share it
 * @param values one for each attribute, in the order of the attributes
 */
record Person(int number, String name, List<String> values) {
  /** Copies the list. */
  Person {
    values = List.copyOf(values);
  }
}
