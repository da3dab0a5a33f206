// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tensorboard;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.mneme.memory.statistics.UseHistogram;

/**
 * A TensorBoard event file: records of the message {@code Event}. The numbers of the fields are
 * those of TensorBoard's {@code tensorboard/compat/proto/event.proto}, {@code summary.proto},
 * {@code histogram.proto}, {@code tensor.proto} and {@code types.proto}, which never change.
 */
final class EventFile implements AutoCloseable {
  /** Readers know files by this part of the name, and read them in the order of the names. */
  private static final String NAME = "events.out.tfevents.";

  /** Versions from 2 on forget steps at {@link #SESSION_START}. */
  private static final String VERSION = "brain.Event:2";

  private static final int SESSION_START = 1;
  private static final int DT_STRING = 7;
  private static final int DATA_CLASS_TENSOR = 2;

  private final RecordFile records;
  private final Clock clock;

  /**
   * Makes a new file behind those of the folder. Readers forget what earlier files tell of {@code
   * firstStep} and what follows, so that steps that are done again are seen once.
   */
  EventFile(Path folder, long firstStep, Clock clock) throws IOException {
    this.clock = clock;
    Files.createDirectories(folder);
    this.records = create(folder, clock);
    records.append(event(0).text(3, VERSION).toBytes());
    ProtoMessage start = new ProtoMessage().integer(1, SESSION_START);
    records.append(event(firstStep).message(7, start).toBytes());
  }

  /** Names count seconds; a second file of one second, or an older clock, takes the next one. */
  private static RecordFile create(Path folder, Clock clock) throws IOException {
    long number = Math.max(clock.instant().getEpochSecond(), newest(folder) + 1);
    while (true) {
      try {
        String name = String.format(Locale.ROOT, "%s%010d.mneme", NAME, number);
        return new RecordFile(folder.resolve(name));
      } catch (FileAlreadyExistsException e) {
        number++;
      }
    }
  }

  private static long newest(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\Q" + NAME + "\\E[0-9]{10}\\..*"))
          .mapToLong(name -> Long.parseLong(name.substring(NAME.length(), NAME.length() + 10)))
          .max()
          .orElse(-1);
    }
  }

  /** Adds numbers of a step, by tag. */
  void scalars(long step, Map<String, Double> values) throws IOException {
    ProtoMessage summary = new ProtoMessage();
    values.forEach(
        (tag, value) ->
            summary.message(1, new ProtoMessage().text(1, tag).number(2, value.floatValue())));
    records.append(event(step).message(5, summary).toBytes());
  }

  /** Adds how often the entries of a memory were selected, as a {@code HistogramProto}. */
  void histogram(long step, String tag, long selections, UseHistogram use) throws IOException {
    int classes = use.entries().size();
    double[] limits = new double[classes];
    double[] counts = new double[classes];
    double entries = 0;
    for (int k = 0; k < classes; k++) {
      // Half-way between the largest count of this class and the smallest of the next.
      limits[k] = Math.pow(2, k) - 0.5;
      counts[k] = use.entries().get(k);
      entries += counts[k];
    }
    ProtoMessage histogram =
        new ProtoMessage()
            .number(1, (double) use.least())
            .number(2, (double) use.most())
            .number(3, entries)
            .number(4, (double) selections)
            .number(5, use.squares())
            .numbers(6, limits)
            .numbers(7, counts);
    ProtoMessage value = new ProtoMessage().text(1, tag).message(5, histogram);
    records.append(event(step).message(5, new ProtoMessage().message(1, value)).toBytes());
  }

  /** Adds text in Markdown. */
  void text(long step, String tag, String markdown) throws IOException {
    ProtoMessage plugin = new ProtoMessage().text(1, "text");
    ProtoMessage metadata = new ProtoMessage().message(1, plugin).integer(4, DATA_CLASS_TENSOR);
    ProtoMessage one = new ProtoMessage().message(2, new ProtoMessage().integer(1, 1));
    ProtoMessage tensor =
        new ProtoMessage().integer(1, DT_STRING).message(2, one).text(8, markdown);
    ProtoMessage value = new ProtoMessage().text(1, tag).message(9, metadata).message(8, tensor);
    ProtoMessage summary = new ProtoMessage().message(1, value);
    records.append(event(step).message(5, summary).toBytes());
  }

  private ProtoMessage event(long step) {
    Instant now = clock.instant();
    double seconds = now.getEpochSecond() + now.getNano() / 1e9;
    return new ProtoMessage().number(1, seconds).integer(2, step);
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
