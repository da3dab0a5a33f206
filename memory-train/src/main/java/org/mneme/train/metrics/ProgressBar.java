// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a training is, how it goes and how long it will take: one line that is drawn anew
 * on a terminal, a plain line from time to time elsewhere. The longer a training runs the rarer
 * plain lines become, so that the log of a long run can still be read.
 */
public final class ProgressBar implements TrainingListener {
  private static final int CELLS = 24;
  private static final int SHORT_LABEL = 12;
  private static final long TERMINAL_NANOS = 200_000_000L;
  private static final long LEAST_PLAIN_NANOS = 10_000_000_000L;
  private static final long MOST_PLAIN_NANOS = 30 * LEAST_PLAIN_NANOS;
  private static final long PLAIN_LINES_BY_AGE = 20;

  private final PrintStream out;
  private final String label;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final int columns;
  private TrainingStart start;
  private TrainReport latest;
  private String validation = "";
  private long startedAt;
  private long shownAt;
  private int shownWidth;

  /**
   * A bar on a stream.
   *
   * @param label what is trained, shown before the bar
   * @param terminal whether carriage returns move back to the beginning of the line
   */
  public ProgressBar(PrintStream out, String label, boolean terminal) {
    this(out, label, terminal, terminal ? TerminalText.columns() : 0, System::nanoTime);
  }

  ProgressBar(PrintStream out, String label, boolean terminal, int columns, LongSupplier nanoTime) {
    this.columns = columns;
    this.out = out;
    this.label = label;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
  }

  /** A bar on the standard error stream, drawn if that is a terminal. */
  public static ProgressBar onStandardError(String label) {
    return new ProgressBar(System.err, label, standardErrorIsTerminal());
  }

  /** Java has no isatty: Linux tells what descriptor 2 is; elsewhere plain lines are safe. */
  private static boolean standardErrorIsTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  @Override
  public void started(TrainingStart trainingStart) {
    start = trainingStart;
    startedAt = nanoTime.getAsLong();
    shownAt = startedAt;
  }

  @Override
  public void reported(TrainReport report) {
    latest = report;
  }

  @Override
  public void validated(ValidationReport report) {
    validation = String.format(Locale.ROOT, "  val %.4f", report.loss());
  }

  @Override
  public void stepped(long step) {
    long now = nanoTime.getAsLong();
    boolean due = now - shownAt >= (terminal ? TERMINAL_NANOS : plainNanos(now));
    if (due || step == start.steps()) {
      show(step, now);
      shownAt = now;
    }
  }

  /** Ten seconds at first, then a twentieth of the time so far, five minutes in the end. */
  private long plainNanos(long now) {
    long byAge = (now - startedAt) / PLAIN_LINES_BY_AGE;
    return Math.max(LEAST_PLAIN_NANOS, Math.min(MOST_PLAIN_NANOS, byAge));
  }

  @Override
  public void ended() {
    if (terminal && shownWidth > 0) {
      out.println();
      out.flush();
      shownWidth = 0;
    }
  }

  private void show(long step, long now) {
    String line = line(step, (now - startedAt) / 1e9);
    if (terminal) {
      int width = TerminalText.width(line);
      out.print("\r" + line + " ".repeat(Math.max(0, shownWidth - width)));
      shownWidth = width;
    } else {
      out.println(line);
    }
    out.flush();
  }

  private String line(long step, double elapsed) {
    double done = (double) step / start.steps();
    double each = elapsed / (step - start.stepsDone());
    String counted = String.format(Locale.ROOT, "step %d/%d", step, start.steps());
    String losses =
        latest == null
            ? ""
            : String.format(
                Locale.ROOT,
                "  loss %.4f%s  %,.0f tok/s",
                latest.loss(),
                validation,
                latest.tokensPerSecond());
    String rest = counted + losses + "  " + duration(each * (start.steps() - step)) + " left";
    return fitted(bar(done) + " ", rest);
  }

  /**
   * A line that is longer than the terminal is wide would be drawn again and again below itself.
   */
  private String fitted(String bar, String rest) {
    if (columns == 0) {
      return label + " " + bar + rest;
    }
    int room = columns - 1 - TerminalText.width(rest) - 1;
    String drawn =
        room - bar.length() >= Math.min(SHORT_LABEL, TerminalText.width(label)) ? bar : "";
    String name = TerminalText.cut(label, Math.max(0, room - drawn.length()));
    return TerminalText.cut(name + (name.isEmpty() ? "" : " ") + drawn + rest, columns - 1);
  }

  private String bar(double done) {
    int full = (int) Math.round(done * CELLS);
    return "[" + "#".repeat(full) + ".".repeat(CELLS - full) + "]";
  }

  private static String duration(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }
}
