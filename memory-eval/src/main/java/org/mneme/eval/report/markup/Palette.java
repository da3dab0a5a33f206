// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

/** Colours of runs. The colours themselves are in the style sheet, one set for each theme. */
public final class Palette {
  private static final int SIZE = 8;

  private Palette() {}

  /** The classes that set the colour of run number {@code run}; from the ninth on it is dashed. */
  public static String cssClass(int run) {
    return "c" + run % SIZE + (run < SIZE ? "" : " again");
  }
}
