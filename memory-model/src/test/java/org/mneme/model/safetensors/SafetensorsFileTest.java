// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;

class SafetensorsFileTest {
  @TempDir Path folder;

  private Path path() {
    return folder.resolve("model.safetensors");
  }

  private SafetensorsException failure(Path path) {
    SafetensorsException failure =
        catchThrowableOfType(SafetensorsException.class, () -> SafetensorsFile.open(path).close());
    assertThat(failure).isInstanceOf(UserException.class);
    assertThat(failure).hasMessageStartingWith(path.toString()).hasMessageContaining("expected");
    return failure;
  }

  @Test
  void readsMetadataEntriesAndBytes() throws IOException {
    byte[] header =
        ("{\"b\":{\"shape\":[2],\"data_offsets\":[8,12],\"dtype\":\"I16\"},"
                + "\"__metadata__\":{\"k\":\"v\",\"é\":\"\\u00e9\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}   ")
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    bytes.putFloat(1.5f).putFloat(-2).putShort((short) 7).putShort((short) -9);
    Files.write(path(), bytes.array());

    try (SafetensorsFile file = SafetensorsFile.open(path())) {
      assertThat(file.metadata()).containsEntry("k", "v").containsEntry("é", "é").hasSize(2);
      assertThat(file.tensors())
          .containsExactly(
              new TensorEntry("a", SafetensorsType.F32, new long[] {1, 2}, 0),
              new TensorEntry("b", SafetensorsType.I16, new long[] {2}, 8));
      assertThat(file.readFloats("a")).containsExactly(1.5f, -2f);
      assertThat(file.readInts("b")).containsExactly(7, -9);
      ByteBuffer slice = file.slice("a", 4, 4);
      assertThat(slice.getFloat(0)).isEqualTo(-2f);
      assertThatThrownBy(() -> slice.putInt(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
      assertThat(file.find("c")).isEmpty();
      assertThatThrownBy(() -> file.require("c"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("'c'");
      assertThatThrownBy(() -> file.require("a", SafetensorsType.F32, 2, 2))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("found F32[1, 2], expected F32[2, 2]");
      assertThatThrownBy(() -> file.slice("a", 4, 5)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> file.readInts("a")).hasMessageContaining("found type F32");
      assertThatThrownBy(() -> file.readFloats("b")).hasMessageContaining("found type I16");
    }
  }

  @Test
  void givesChunksOfWholeElements() throws IOException {
    new SafetensorsWriter()
        .tensor("x", new long[] {5}, new int[] {1, 2, 3, 4, 5})
        .tensor("empty", new long[] {0, 3}, new int[0])
        .write(path());
    try (SafetensorsFile file = SafetensorsFile.open(path())) {
      List<String> chunks = new ArrayList<>();
      file.forEachChunk("x", 11, (offset, bytes) -> chunks.add(offset + ":" + bytes.remaining()));
      assertThat(chunks).containsExactly("0:8", "8:8", "16:4");
      file.forEachChunk("empty", 4, (offset, bytes) -> chunks.add("never"));
      assertThat(chunks).hasSize(3);
      assertThat(file.readInts("empty")).isEmpty();
      assertThat(file.slice("empty", 0, 0).remaining()).isZero();
      assertThatThrownBy(() -> file.forEachChunk("x", 3, (offset, bytes) -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("maxBytes");
    }
  }

  @Test
  void aFileShortenedAfterwardsIsAnErrorNotACrash() throws IOException {
    new SafetensorsWriter().tensor("x", new long[] {4}, new int[4]).write(path());
    try (SafetensorsFile file = SafetensorsFile.open(path())) {
      byte[] all = Files.readAllBytes(path());
      Files.write(path(), Arrays.copyOf(all, all.length - 4));
      assertThatThrownBy(() -> file.slice("x", 0, 16))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("shortened");
    }
  }

  @ParameterizedTest
  @EnumSource(SafetensorsType.class)
  void everyTypeParses(SafetensorsType type) throws IOException {
    int size = 3 * type.bytes();
    String header =
        "{\"t\":{\"dtype\":\"%s\",\"shape\":[3],\"data_offsets\":[0,%d]}}".formatted(type, size);
    try (SafetensorsFile file = SafetensorsFile.open(RawFile.write(path(), header, size))) {
      assertThat(file.require("t").elements()).isEqualTo(3);
      assertThat(file.require("t").type()).isSameAs(type);
    }
  }

  @Test
  void halfPrecisionIsWidenedExactly() throws IOException {
    short[] halves = {0, 1, 0x03ff, 0x0400, 0x3c00, (short) 0xc000, 0x7bff, 0x7c00, (short) 0x8000};
    new SafetensorsWriter()
        .tensor("h", SafetensorsType.F16, new long[] {9}, sink -> sink.write(bytes(halves)))
        .tensor(
            "b",
            SafetensorsType.BF16,
            new long[] {2},
            sink -> sink.write(bytes(new short[] {0x3f80, (short) 0xc049})))
        .write(path());
    try (SafetensorsFile file = SafetensorsFile.open(path())) {
      assertThat(file.readFloats("h"))
          .containsExactly(
              0f,
              0x1p-24f,
              1023 * 0x1p-24f,
              0x1p-14f,
              1f,
              -2f,
              65504f,
              Float.POSITIVE_INFINITY,
              -0f);
      assertThat(file.readFloats("b")).containsExactly(1f, -3.140625f);
    }
  }

  private static ByteBuffer bytes(short[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(values);
    return bytes;
  }

  @Test
  void valuesThatDoNotFitAnIntAreRefused() throws IOException {
    ByteBuffer value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
    new SafetensorsWriter()
        .tensor("id", SafetensorsType.I64, new long[] {1}, sink -> sink.write(value))
        .write(path());
    try (SafetensorsFile file = SafetensorsFile.open(path())) {
      assertThatThrownBy(() -> file.readInts("id"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("'id'")
          .hasMessageContaining("1099511627776");
    }
  }

  @Test
  void missingFileDirectoryAndShortFile() throws IOException {
    assertThat(failure(path())).hasMessageContaining("no such file");
    assertThat(failure(folder)).hasMessageContaining("no regular file");
    assertThat(failure(Files.write(path(), new byte[0]))).hasMessageContaining("found 0 bytes");
    assertThat(failure(Files.write(path(), new byte[7]))).hasMessageContaining("found 7 bytes");
    assertThat(failure(Files.write(path(), new byte[8]))).hasMessageContaining("header length");
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "100000001", "-1", "-9223372036854775808", "9223372036854775807", "99"})
  void aLyingHeaderLengthIsRefused(long claimed) throws IOException {
    Path file = RawFile.write(path(), claimed, "{}".getBytes(StandardCharsets.UTF_8), 4);
    assertThat(failure(file))
        .hasMessageContaining("header length of " + Long.toUnsignedString(claimed))
        .hasMessageContaining("file of 14 bytes");
  }

  @Test
  void aLyingHeaderLengthAllocatesNothing() throws IOException {
    Path file = RawFile.write(path(), 99_999_999, "{}".getBytes(StandardCharsets.UTF_8), 4);
    failure(file);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    failure(file);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
  }

  /** A header of 28 MB ended in an OutOfMemoryError. */
  @Test
  void aHeaderThatWouldFillTheHeapIsRefused() throws IOException {
    byte[] header = new byte[28_000_000];
    Arrays.fill(header, (byte) ' ');
    header[0] = '{';
    header[header.length - 1] = '}';
    Path file = RawFile.write(path(), header, 0);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(failure(file)).hasMessageContaining("header length of 28000000, expected 2 to 4194");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000);
  }

  /** A mapped file that is shortened ends the JVM (SIGBUS). */
  @Test
  void aFileShortenedWhileItIsReadIsAnErrorNotACrash() throws IOException {
    new SafetensorsWriter().tensor("x", new long[] {1 << 20}, new int[1 << 20]).write(path());
    try (SafetensorsFile file = SafetensorsFile.open(path())) {
      assertThatThrownBy(
              () ->
                  file.forEachChunk(
                      "x",
                      1 << 16,
                      (offset, bytes) -> {
                        shorten(path());
                        assertThat(bytes.getInt(bytes.limit() - 4)).isZero();
                      }))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("tensor 'x': found a file that was shortened after it was opened");
    }
  }

  private static void shorten(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(1000);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void headersThatAreNotUtf8AreRefused() throws IOException {
    byte[] latin = "{\"é\":{}}".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(failure(RawFile.write(path(), latin, 0))).hasMessageContaining("UTF-8");
    byte[] wide = "{\"a\":{}}".getBytes(StandardCharsets.UTF_16LE);
    failure(RawFile.write(path(), wide, 0));
  }

  /** Header with ' for ", bytes of data, what the message must name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]|0|found a header that starts with byte 0x5b",
        "~ {}~|0|0x20",
        "{'a'|0|not valid",
        "{}{}|0|more JSON",
        "{'a':1}|0|'a': found its description that is VALUE_NUMBER_INT, expected an object",
        "{'a':{}}|0|'a': found no dtype",
        "{'a':{'dtype':'F32','data_offsets':[0,4]}}|4|'a': found no shape",
        "{'a':{'dtype':'F32','shape':[1]}}|4|'a': found no data_offsets",
        "{'a':{'dtype':'F31','shape':[1],'data_offsets':[0,4]}}|4|dtype 'F31', expected one of",
        "{'a':{'dtype':32,'shape':[1],'data_offsets':[0,4]}}|4|expected a string",
        "{'a':{'dtype':'F32','shape':1,'data_offsets':[0,4]}}|4|expected an array",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}|4|expected an integer",
        "{'a':{'dtype':'F32','shape':[[1]],'data_offsets':[0,4]}}|4|expected an integer",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}|4|negative dimension",
        "{'a':{'dtype':'F32','shape':[-1,-1],'data_offsets':[0,4]}}|4|negative dimension",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|0|2^63",
        "{'a':{'dtype':'F32','shape':[0,9223372036854775807,9],'data_offsets':[0,0]}}|0|2^63",
        "{'a':{'dtype':'U8','shape':[1,1,1,1,1,1,1,1,1],'data_offsets':[0,1]}}|1|at most 8",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1,1,1,1,1,1,1,1]}}|1|at most 8",
        "{'a':{'dtype':'F64','shape':[2305843009213693952],'data_offsets':[0,0]}}|0|2^63",
        "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,4]}}|4|not valid",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}}|4|found 1 data_offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4,4]}}|4|found 3 data_offsets",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}|4|data_offsets [-4, 0]",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}|4|data_offsets [4, 0]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|4|0 <= begin <= end <= 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,3]}}|4|3 bytes, expected 4 for F32[1]",
        "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,8]}}|8|8 bytes, expected 4 for F32[]",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|(a hole before it)",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|5|(trailing bytes)",
        "{}|1|(trailing bytes)",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
            + "'b':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}}|6|'b': found first byte 2 (an",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},"
            + "'b':{'dtype':'U8','shape':[2],'data_offsets':[6,8]}}|8|expected 4, the end of 'a'",
        "{'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0]},"
            + "'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}}|0|Duplicate",
        "{'a':{'dtype':'U8','dtype':'U8','shape':[0],'data_offsets':[0,0]}}|0|Duplicate",
        "{'a':{'dtype':'U8','shape':[0],'data_offsets':[0,0],'x':1}}|0|found the field 'x'",
        "{'__metadata__':[]}|0|__metadata__ that is START_ARRAY",
        "{'__metadata__':{'k':1}}|0|__metadata__ 'k' that is VALUE_NUMBER_INT",
        "{'__metadata__':{'k':'v','k':'w'}}|0|Duplicate",
        "{'a':{'dtype':'U8','shape':[[[[[[[0]]]]]]],'data_offsets':[0,0]}}|0|'a'",
      })
  void headersThatLieAreRefused(String header, int dataBytes, String named) throws IOException {
    Path file = RawFile.write(path(), header.replace('\'', '"'), dataBytes);
    assertThat(failure(file)).hasMessageContaining(named);
  }

  @Test
  void longAndUglyNamesDoNotFloodTheMessage() throws IOException {
    String name = "\\u001b[2J" + "x".repeat(5000);
    Path file = RawFile.write(path(), "{\"%s\":1}".formatted(name), 0);
    assertThat(failure(file).getMessage())
        .hasSizeLessThan(600)
        .doesNotContain("\u001b")
        .contains("\\u001b[2J");
  }

  @Test
  void zeroSizedTensorsLieAnywhereOnABoundary() throws IOException {
    String header =
        "{\"z\":{\"dtype\":\"F32\",\"shape\":[0,2305843009213693,9],\"data_offsets\":[4,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"y\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}";
    try (SafetensorsFile file = SafetensorsFile.open(RawFile.write(path(), header, 4))) {
      assertThat(file.tensors()).extracting(TensorEntry::name).containsExactly("y", "a", "z");
      assertThat(file.require("z").elements()).isZero();
      assertThat(file.require("a").elements()).isEqualTo(1);
    }
  }
}
