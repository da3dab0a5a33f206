// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads event files as TensorBoard's {@code EventAccumulator} does, written without a look at what
 * writes them: it computes CRC-32C bit by bit, accepts no field that it does not know, and no wire
 * type but the one of the {@code .proto} files.
 */
final class EventFileReader {
  /** Scalars by tag and step, after purging. */
  final Map<String, TreeMap<Long, Float>> scalars = new TreeMap<>();

  /** Histograms by tag and step, after purging. */
  final Map<String, TreeMap<Long, Histogram>> histograms = new TreeMap<>();

  final Map<String, String> texts = new TreeMap<>();
  final List<Double> wallTimes = new ArrayList<>();
  int records;
  private boolean versioned;

  /**
   * A {@code HistogramProto}: bucket i counts the values up to limit i and above the one before.
   */
  record Histogram(
      double min,
      double max,
      double num,
      double sum,
      double sumSquares,
      List<Double> limits,
      List<Double> buckets) {

    /** Values above one limit and up to another, both of which must be borders of buckets. */
    double between(double low, double high) {
      double count = 0;
      for (int i = 0; i < limits.size(); i++) {
        count += limits.get(i) > low && limits.get(i) <= high ? buckets.get(i) : 0;
      }
      return count;
    }
  }

  /** All files of a folder, in the order of their names. */
  static EventFileReader of(Path folder) throws IOException {
    EventFileReader reader = new EventFileReader();
    for (Path file : files(folder)) {
      reader.read(file);
    }
    return reader;
  }

  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().contains("tfevents"))
          .sorted(Comparator.comparing(file -> file.getFileName().toString()))
          .toList();
    }
  }

  private void read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    versioned = false;
    while (bytes.hasRemaining()) {
      byte[] length = take(bytes, 8);
      require(bytes.getInt() == masked(length), "CRC of a length");
      byte[] data = take(bytes, (int) ByteBuffer.wrap(length).order(bytes.order()).getLong());
      require(bytes.getInt() == masked(data), "CRC of data");
      event(new Message(data));
      records++;
    }
    require(versioned, "a version");
  }

  private static byte[] take(ByteBuffer from, int count) {
    byte[] taken = new byte[count];
    from.get(taken);
    return taken;
  }

  /** The masked checksum of TensorFlow's {@code crc32c.h}. */
  private static int masked(byte[] data) {
    int crc = -1;
    for (byte value : data) {
      crc ^= value & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }

  private void event(Message event) {
    event.allow(1, 2, 3, 5, 7);
    wallTimes.add(event.fixed64(1));
    long step = event.has(2) ? event.varint(2) : 0;
    if (event.has(3)) {
      require(records == 0 || !versioned, "one version, first");
      require(event.text(3).equals("brain.Event:2"), "version 2");
      versioned = true;
    } else if (event.has(7)) {
      Message session = event.message(7);
      session.allow(1);
      require(session.varint(1) == 1, "START");
      // _Purge(event, by_tags=False) of EventAccumulator.
      scalars.values().forEach(values -> values.tailMap(step, true).clear());
      histograms.values().forEach(values -> values.tailMap(step, true).clear());
    } else {
      Message summary = event.message(5);
      summary.allow(1);
      summary.messages(1).forEach(value -> value(step, value));
    }
  }

  private void value(long step, Message value) {
    String tag = value.text(1);
    if (value.has(2)) {
      value.allow(1, 2);
      TreeMap<Long, Float> values = scalars.computeIfAbsent(tag, name -> new TreeMap<>());
      require(values.put(step, value.fixed32(2)) == null, "one value of " + tag + " at " + step);
    } else if (value.has(5)) {
      value.allow(1, 5);
      TreeMap<Long, Histogram> values = histograms.computeIfAbsent(tag, name -> new TreeMap<>());
      Histogram histogram = histogram(value.message(5));
      require(values.put(step, histogram) == null, "one value of " + tag + " at " + step);
    } else {
      value.allow(1, 8, 9);
      Message metadata = value.message(9);
      metadata.allow(1, 4);
      require(metadata.message(1).text(1).equals("text"), "the plugin text");
      require(metadata.varint(4) == 2, "DATA_CLASS_TENSOR");
      Message tensor = value.message(8);
      tensor.allow(1, 2, 8);
      require(tensor.varint(1) == 7, "DT_STRING");
      require(tensor.message(2).message(2).varint(1) == 1, "a vector of one string");
      texts.put(tag, tensor.text(8));
    }
  }

  private static Histogram histogram(Message proto) {
    proto.allow(1, 2, 3, 4, 5, 6, 7);
    List<Double> limits = proto.doubles(6);
    List<Double> buckets = proto.doubles(7);
    require(limits.size() == buckets.size(), "a limit for each bucket");
    require(limits.stream().sorted().distinct().toList().equals(limits), "ascending limits");
    double num = proto.fixed64(3);
    require(num == buckets.stream().mapToDouble(d -> d).sum(), "num to be that of all buckets");
    return new Histogram(
        proto.fixed64(1),
        proto.fixed64(2),
        num,
        proto.fixed64(4),
        proto.fixed64(5),
        limits,
        buckets);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("expected " + what);
    }
  }

  /** Fields by number, each with its wire type. */
  private static final class Message {
    private record Field(int type, byte[] bytes, long varint) {}

    private final Map<Integer, List<Field>> fields = new LinkedHashMap<>();

    Message(byte[] data) {
      ByteBuffer in = ByteBuffer.wrap(data);
      while (in.hasRemaining()) {
        long key = readVarint(in);
        int type = (int) (key & 7);
        Field field =
            switch (type) {
              case 0 -> new Field(type, null, readVarint(in));
              case 1 -> new Field(type, take(in, 8), 0);
              case 2 -> new Field(type, take(in, (int) readVarint(in)), 0);
              case 5 -> new Field(type, take(in, 4), 0);
              default -> throw new AssertionError("wire type " + type);
            };
        fields.computeIfAbsent((int) (key >>> 3), number -> new ArrayList<>()).add(field);
      }
    }

    private static long readVarint(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = in.get();
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    void allow(Integer... numbers) {
      require(List.of(numbers).containsAll(fields.keySet()), "no field beside " + fields.keySet());
    }

    boolean has(int number) {
      return fields.containsKey(number);
    }

    private Field only(int number, int type) {
      List<Field> found = fields.getOrDefault(number, List.of());
      require(found.size() == 1 && found.get(0).type == type, "one field " + number);
      return found.get(0);
    }

    long varint(int number) {
      return only(number, 0).varint;
    }

    double fixed64(int number) {
      return ByteBuffer.wrap(only(number, 1).bytes).order(ByteOrder.LITTLE_ENDIAN).getDouble();
    }

    float fixed32(int number) {
      return ByteBuffer.wrap(only(number, 5).bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
    }

    /** A packed repeated field. */
    List<Double> doubles(int number) {
      ByteBuffer packed = ByteBuffer.wrap(only(number, 2).bytes).order(ByteOrder.LITTLE_ENDIAN);
      List<Double> values = new ArrayList<>();
      while (packed.hasRemaining()) {
        values.add(packed.getDouble());
      }
      return values;
    }

    String text(int number) {
      return new String(only(number, 2).bytes, StandardCharsets.UTF_8);
    }

    Message message(int number) {
      return new Message(only(number, 2).bytes);
    }

    List<Message> messages(int number) {
      return fields.get(number).stream().map(field -> new Message(field.bytes)).toList();
    }
  }
}
