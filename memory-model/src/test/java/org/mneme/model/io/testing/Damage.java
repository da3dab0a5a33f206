// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** Random damage of JSON files: bytes, cuts, holes, and values of another type or size. */
public final class Damage {
  private static final Pattern VALUE =
      Pattern.compile("(?<=[:,\\[])\\s*(\"[^\"]*\"|-?[0-9.]+|\\{[^{}]*}|\\[[^\\[\\]]*])");

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1.5",
          "1e999",
          "-1e-999",
          "2147483648",
          "9999999999999999999999",
          "NaN",
          "\"NaN\"",
          "\"\"",
          "\"x\"",
          "\"1\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "[]",
          "{}",
          "[null]",
          "[[]]",
          "{\"a\":1}",
          "{\"a\":{\"b\":[1]}}",
          "{\"aa\":1,\"aa\":2}");

  /** Beyond limits of parsers; rare, since they take long. */
  private static final List<String> LARGE_VALUES =
      List.of("[".repeat(1100), "1".repeat(1100), "{\"" + "a".repeat(60_000) + "\":1}");

  private static final List<String> PIECES =
      List.of("\"", ",", ":", "{", "}", "[", "]", "\\", "\n", "\0\0\0", "\uFEFF", "é", "/*", "#");

  private Damage() {}

  /** Returns the bytes of a text with one to three faults. */
  public static byte[] of(String text, Random random) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int times = 1 + random.nextInt(3); times > 0 && bytes.length > 0; times--) {
      bytes = once(bytes, random);
    }
    return bytes;
  }

  private static byte[] once(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    int end = Math.min(bytes.length, at + random.nextInt(20));
    switch (random.nextInt(8)) {
      case 0:
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : flipped(bytes, at, random);
      case 1:
        return flipped(bytes, at, random);
      case 2:
        byte[] hole = bytes.clone();
        Arrays.fill(hole, at, end, (byte) 0);
        return hole;
      case 3:
        return joined(bytes, at, one(PIECES, random), end);
      case 4:
        return joined(bytes, at, one(PIECES, random), at);
      default:
        return withValue(new String(bytes, StandardCharsets.UTF_8), random);
    }
  }

  private static byte[] flipped(byte[] bytes, int at, Random random) {
    byte[] flipped = bytes.clone();
    flipped[at] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  private static byte[] joined(byte[] bytes, int at, String middle, int from) {
    byte[] between = middle.getBytes(StandardCharsets.UTF_8);
    byte[] joined = Arrays.copyOf(bytes, at + between.length + bytes.length - from);
    System.arraycopy(between, 0, joined, at, between.length);
    System.arraycopy(bytes, from, joined, at + between.length, bytes.length - from);
    return joined;
  }

  /** Another value in place of one that is there; instead of all if there is none. */
  private static byte[] withValue(String text, Random random) {
    String value = one(random.nextInt(200) == 0 ? LARGE_VALUES : VALUES, random);
    List<int[]> places =
        VALUE.matcher(text).results().map(m -> new int[] {m.start(1), m.end(1)}).toList();
    if (places.isEmpty() || random.nextInt(100) == 0) {
      return value.getBytes(StandardCharsets.UTF_8);
    }
    int[] place = places.get(random.nextInt(places.size()));
    return (text.substring(0, place[0]) + value + text.substring(place[1]))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String one(List<String> choices, Random random) {
    return choices.get(random.nextInt(choices.size()));
  }
}
