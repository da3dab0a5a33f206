// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.markup;

import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
public final class Numbers {
  /** What stands for a number that is not known. */
  public static final String NONE = "–";

  private Numbers() {}

  /**
   * A factor that suits a whole column, so that its values can be compared by eye.
   *
   * @param suffix what stands behind a number in this unit; empty for the number itself
   * @param factor what 1 in this unit stands for
   */
  public record Unit(String suffix, double factor) {
    /** A value in this unit, without its suffix. */
    public String format(double value, int decimals) {
      return fixed(value / factor, decimals);
    }
  }

  /** The unit for counts up to {@code largest}. */
  public static Unit countUnit(double largest) {
    if (largest >= 1e15) {
      return new Unit("P", 1e15);
    }
    if (largest >= 1e12) {
      return new Unit("T", 1e12);
    }
    if (largest >= 1e9) {
      return new Unit("G", 1e9);
    }
    if (largest >= 1e6) {
      return new Unit("M", 1e6);
    }
    return largest >= 1e4 ? new Unit("k", 1e3) : new Unit("", 1);
  }

  /** The unit for sizes up to {@code largest} bytes. */
  public static Unit byteUnit(double largest) {
    return largest >= 1L << 30 ? new Unit("GiB", 1L << 30) : new Unit("MiB", 1 << 20);
  }

  /** Fixed decimals, or a dash for what is not finite. */
  public static String fixed(double value, int decimals) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
    boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
    return zero ? text.replace("-", "") : text.replace("-", "−");
  }

  /** A whole number with its thousands apart. */
  public static String whole(long value) {
    return fixed((double) value, 0);
  }

  /** A number with four digits that count, without zeros behind its decimals. */
  public static String significant(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return fixed(value, 0);
    }
    int digits = (int) Math.floor(Math.log10(Math.abs(value)));
    String text = fixed(value, Math.max(0, Math.min(9, 3 - digits)));
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  /** A count as a person says it, such as {@code 12.5M}. */
  public static String count(double value) {
    Unit unit = countUnit(Math.abs(value));
    return inUnit(value, unit) + unit.suffix;
  }

  /** An amount as a person says it, such as {@code 12.5 MFLOP}. */
  public static String amount(double value, String of) {
    Unit unit = countUnit(Math.abs(value));
    return inUnit(value, unit) + " " + unit.suffix + of;
  }

  private static String inUnit(double value, Unit unit) {
    boolean whole = unit.factor == 1 || Math.abs(value) >= 100 * unit.factor;
    return unit.format(value, whole ? 0 : 1);
  }

  /** A number that is a multiple of {@code step}, with the decimals that the step needs. */
  public static String stepped(double value, double step, Unit unit) {
    if (value == 0) {
      return "0";
    }
    int decimals = 0;
    double shown = Math.abs(step / unit.factor);
    while (decimals < 9 && Math.abs(shown - Math.rint(shown)) > 1e-6 * shown) {
      shown *= 10;
      decimals++;
    }
    return unit.format(value, decimals) + unit.suffix;
  }

  /** A coordinate of a drawing, to a tenth of a unit. */
  public static String coordinate(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
