// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.watch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.mneme.model.io.AtomicFile;

/**
 * Writes profiles in the <a
 * href="https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU">Trace
 * Event Format</a>, which {@code chrome://tracing} and Perfetto show: the host as one process, the
 * device as another.
 */
public final class ChromeTrace {
  private static final String PREFIX = "trace-";
  private static final String SUFFIX = ".json";
  private static final int HOST = 1;
  private static final int DEVICE = 2;
  private static final double MICROSECONDS = 1e6;

  private final Path folder;
  private final String device;
  private final int kept;

  /**
   * Traces in a folder.
   *
   * @param device what the device is, for the title of its track
   * @param kept how many files of the folder stay, the newest ones
   */
  public ChromeTrace(Path folder, String device, int kept) {
    this.folder = folder;
    this.device = device;
    this.kept = kept;
  }

  /**
   * Writes {@code trace-STEP.json} and deletes the oldest files.
   *
   * @param step the last that was profiled
   * @return the file
   */
  public Path write(long step, StepProfile profile) throws IOException {
    Path file = folder.resolve(String.format(Locale.ROOT, "%s%010d%s", PREFIX, step, SUFFIX));
    ByteBuffer bytes = ByteBuffer.wrap(bytes(profile));
    AtomicFile.write(file, channel -> AtomicFile.writeFully(channel, bytes));
    List<Path> all = files();
    for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
      Files.delete(old);
    }
    return file;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches(PREFIX + "[0-9]{10}" + SUFFIX))
          .sorted()
          .toList();
    }
  }

  private byte[] bytes(StepProfile profile) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("displayTimeUnit", "ms");
      json.writeArrayFieldStart("traceEvents");
      title(json, HOST, "host");
      title(json, DEVICE, device);
      for (Span span : profile.phases()) {
        event(json, HOST, "phase", span);
      }
      for (Span span : profile.operations()) {
        event(json, DEVICE, "operation", span);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void title(JsonGenerator json, int process, String name) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", "process_name");
    json.writeStringField("ph", "M");
    json.writeNumberField("pid", process);
    json.writeNumberField("tid", process);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  /** A complete event, with its begin and its duration in microseconds. */
  private static void event(JsonGenerator json, int process, String category, Span span)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", span.name());
    json.writeStringField("cat", category);
    json.writeStringField("ph", "X");
    json.writeNumberField("ts", micros(span.start()));
    json.writeNumberField("dur", micros(span.seconds()));
    json.writeNumberField("pid", process);
    json.writeNumberField("tid", process);
    json.writeEndObject();
  }

  /** To the nanosecond. */
  private static double micros(double seconds) {
    return Math.round(seconds * MICROSECONDS * 1000) / 1000.0;
  }
}
