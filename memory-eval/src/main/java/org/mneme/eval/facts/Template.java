// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

/**
 * A sentence with a place for a name and, behind it, one for a value.
 *
 * @param beforeName what stands before the name
 * @param beforeValue what stands between name and value, without the blank before the value
 * @param afterValue the rest
 */
record Template(String beforeName, String beforeValue, String afterValue) {
  private static final String NAME = "{name}";
  private static final String VALUE = " {value}";

  static Template parse(String text) {
    int name = text.indexOf(NAME);
    int value = text.indexOf(VALUE);
    if (name < 0 || value < name) {
      throw new IllegalArgumentException(
          "template '" + text + "': expected " + NAME + " and behind it" + VALUE);
    }
    return new Template(
        text.substring(0, name),
        text.substring(name + NAME.length(), value),
        text.substring(value + VALUE.length()));
  }

  /** The sentence up to its value, which follows after a blank. */
  String prompt(String name) {
    return beforeName + name + beforeValue;
  }

  String sentence(String name, String value) {
    return prompt(name) + " " + value + afterValue;
  }
}
