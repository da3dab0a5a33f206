// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file is refused by a {@link SafetensorsException} or is still consistent. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SafetensorsFuzzTest {
  private static final int ROUNDS = 7_000;

  /** Numbers and words that have broken readers before. */
  private static final String[] SPITE = {
    "-1",
    "0",
    "1",
    "4",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "1e9",
    "NaN",
    "null",
    "true",
    "[]",
    "{}",
    "[[0]]",
    "\"\"",
    "\"F32\"",
    "\"BOOL\"",
    "\"F16\"",
    "\"dtype\"",
    "\"shape\"",
    "\"data_offsets\"",
    "\"__metadata__\"",
    "\\u0000",
    "\\ud800",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\\",
    " ",
    "/*x*/"
  };

  @TempDir Path folder;
  private byte[] valid;
  private int refused;

  @BeforeEach
  void writeAValidFile() throws IOException {
    Path path = folder.resolve("valid");
    new SafetensorsWriter()
        .metadata("variant", "ema_token")
        .tensor("a.weight", new long[] {3, 4}, new float[12])
        .tensor("b.ids", new long[] {5}, new int[5])
        .tensor("empty", new long[] {0, 7}, new float[0])
        .tensor("flags", SafetensorsType.BOOL, new long[] {6}, s -> s.write(ByteBuffer.allocate(6)))
        .write(path);
    valid = Files.readAllBytes(path);
    assertThat(survives(valid)).isTrue();
  }

  @Test
  void flippedBytes() throws IOException {
    Random random = new Random(1);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = valid.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      check(bytes);
    }
    assertThat(refused).isBetween(ROUNDS / 2, ROUNDS - 1);
  }

  @Test
  void everyTruncationAndSomeExtensions() throws IOException {
    for (int length = 0; length < valid.length; length++) {
      check(Arrays.copyOf(valid, length));
    }
    for (int extra = 1; extra < 64; extra++) {
      check(Arrays.copyOf(valid, valid.length + extra));
    }
    assertThat(refused).as("none of them is a valid file").isEqualTo(valid.length + 63);
  }

  @Test
  void changedHeaderFields() throws IOException {
    Random random = new Random(2);
    long length = ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong();
    String header = new String(valid, 8, (int) length, StandardCharsets.UTF_8);
    byte[] data = Arrays.copyOfRange(valid, (int) (8 + length), valid.length);
    for (int round = 0; round < ROUNDS; round++) {
      String changed = header;
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        changed = edit(changed, random);
      }
      check(assemble(changed.getBytes(StandardCharsets.UTF_8), data));
    }
    assertThat(refused).isBetween(ROUNDS / 2, ROUNDS - 1);
  }

  @Test
  void noise() throws IOException {
    Random random = new Random(3);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] header = new byte[random.nextInt(200)];
      random.nextBytes(header);
      if (header.length > 0) {
        header[0] = '{';
      }
      check(assemble(header, new byte[random.nextInt(50)]));
    }
    assertThat(refused).isEqualTo(ROUNDS);
  }

  /** Replaces a number, a string or any short range by something spiteful. */
  private static String edit(String header, Random random) {
    String spite = SPITE[random.nextInt(SPITE.length)];
    int from = random.nextInt(header.length());
    int to = Math.min(header.length(), from + random.nextInt(4));
    boolean number = random.nextBoolean();
    if (number) {
      while (from < header.length() && !Character.isDigit(header.charAt(from))) {
        from++;
      }
      to = from;
      while (to < header.length() && Character.isDigit(header.charAt(to))) {
        to++;
      }
      spite = random.nextBoolean() ? spite : Integer.toString(random.nextInt(90));
    }
    return header.substring(0, from) + spite + header.substring(to);
  }

  private static byte[] assemble(byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  private void check(byte[] bytes) throws IOException {
    if (!survives(bytes)) {
      refused++;
    }
  }

  /** Whether the file was accepted; fails on any other exception and on a large allocation. */
  private boolean survives(byte[] bytes) throws IOException {
    Path path = Files.write(folder.resolve("damaged"), bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertConsistent(file, bytes.length);
      return true;
    } catch (SafetensorsException e) {
      assertThat(e.getMessage()).startsWith(path.toString()).contains("found", "expected");
      return false;
    } finally {
      // Far below what any lying length in these files asks for, well above what a reader needs.
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(4_000_000);
    }
  }

  private static void assertConsistent(SafetensorsFile file, long fileSize) {
    Set<String> names = new HashSet<>();
    long position = 0;
    for (TensorEntry entry : file.tensors()) {
      assertThat(names.add(entry.name())).isTrue();
      assertThat(entry.begin()).isEqualTo(position);
      assertThat(entry.byteLength())
          .isEqualTo(
              Arrays.stream(entry.shape()).reduce(1, (a, b) -> a * b) * entry.type().bytes());
      long[] seen = {0};
      file.forEachChunk(entry.name(), 8, (offset, chunk) -> seen[0] += chunk.remaining());
      assertThat(seen[0]).isEqualTo(entry.byteLength());
      position = entry.end();
    }
    assertThat(position).isLessThan(fileSize);
  }
}
