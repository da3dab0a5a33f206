// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdCompressCtx;
import com.google.common.primitives.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.SourceTexts;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class CompressedTextTest {
  private static final byte[] LINES = utf8("{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
  private static final byte[] SKIPPABLE = HexFormat.of().parseHex("5f2a4d1804000000cafecafe");

  @TempDir Path directory;

  @Test
  void aDamagedHeaderOfALaterGzipMemberIsAnErrorWithItsPosition() throws IOException {
    assertRefused(
        resource("members_bitflip.jsonl.gz"),
        "members_bitflip.jsonl.gz: the compressed data is damaged or cut short: gzip: expected the header of a gzip member",
        "got byte 0x1e, at byte 93 of the file");
    assertRefused(resource("gz_then_plain.jsonl.gz"), "got byte 0x7b, at byte 128 of the file");
    byte[] member = gzip(LINES);
    for (int at : new int[] {0, 1, 2, 3}) {
      byte[] second = member.clone();
      second[at] ^= (byte) 0x80;
      assertRefused(write("a.gz", member, second), "at byte " + (member.length + at));
    }
    assertRefused(write("a.gz", member, new byte[] {0x1f}), "got the end");
  }

  @Test
  void whatWasReadBeforeTheDamageIsStated() throws IOException {
    byte[] lines = utf8("{\"text\":\"some words\"}\n".repeat(20_000));
    for (byte[] member : List.of(gzip(lines), zstd(lines), xz(lines))) {
      Path file = write("a.jsonl", member, new byte[] {'P', 'K'});
      assertRefused(file, "a.jsonl, after line ", "at byte ", " of the file");
    }
  }

  @Test
  void zerosAfterTheLastGzipMemberArePadding() throws IOException {
    byte[] member = gzip(LINES);
    assertThat(texts(write("a.gz", member, member, new byte[100_000]))).hasSize(4);
    assertRefused(
        write("b.gz", member, new byte[100_000], member),
        "expected zeros up to the end of the file",
        "at byte " + (member.length + 100_000));
  }

  @Test
  void gzipHeadersWithEveryOptionAreRead() throws IOException {
    byte[] plain = gzip(LINES);
    byte[] rest = java.util.Arrays.copyOfRange(plain, 10, plain.length);
    byte[] head = HexFormat.of().parseHex("1f8b081e0000000000ff0300");
    byte[] full = Bytes.concat(head, utf8("abcname\0comment\0"));
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(full);
    byte[] sum = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
    assertThat(texts(write("a.gz", full, sum, rest, plain))).hasSize(4);
    sum[0]++;
    assertRefused(write("a.gz", full, sum, rest), "gzip: checksum of the header");
  }

  @Test
  void gzipChecksItsTrailer() throws IOException {
    byte[] member = gzip(LINES);
    byte[] wrong = member.clone();
    wrong[wrong.length - 8]++;
    assertRefused(write("a.gz", wrong), "gzip: checksum: expected", "from byte 0");
    wrong = member.clone();
    wrong[wrong.length - 1]++;
    assertRefused(write("a.gz", member, wrong), "gzip: size: expected", "byte " + member.length);
  }

  @Test
  void skippableFramesAndLongWindowsOfZstdAreRead() throws IOException {
    assertThat(texts(resource("pzstd.jsonl.zst"))).hasSize(20);
    assertThat(texts(resource("long31.jsonl.zst"))).hasSize(1000);
    byte[] frame = zstd(LINES);
    assertThat(texts(write("a.zst", SKIPPABLE, frame, SKIPPABLE, frame, SKIPPABLE))).hasSize(4);
    assertRefused(write("b.zst", SKIPPABLE), "is empty");
  }

  @Test
  void everyFrameOfZstdIsChecked() throws IOException {
    byte[] frame = zstd(LINES);
    byte[] wrong = frame.clone();
    wrong[wrong.length - 1]++;
    assertRefused(
        write("a.zst", frame, wrong),
        "zstd: Restored data doesn't match checksum",
        "from byte " + frame.length);
    assertRefused(write("b.zst", frame, LINES), "zstd:", "at byte " + frame.length);
    assertRefused(write("c.zst", frame, new byte[8]), "zstd:", "at byte " + frame.length);
    byte[] cut = java.util.Arrays.copyOf(frame, frame.length - 1);
    assertRefused(write("d.zst", frame, cut), "the file ends within a frame");
  }

  @Test
  void whatAWindowOrADictionaryNeedsIsLimited() throws IOException {
    assertRefused(
        write("a.zst", HexFormat.of().parseHex("28b52ffd04b0"), new byte[20]),
        "a.zst: zstd: needs a window of more than 2 GiB");
    byte[] file = Files.readAllBytes(resource("long31.jsonl.zst"));
    try (InputStream in = new ZstdStream(new ByteArrayInputStream(file), 1 << 20, 1 << 30)) {
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(UnsupportedDataException.class)
          .hasMessageContaining("needs a window of 2048 MiB", "memory is 1024 MiB");
    }
    LZMA2Options large = new LZMA2Options(1);
    large.setDictSize(700 << 20);
    byte[] xz = declareDictionary(xz(LINES), large);
    assertRefused(write("a.xz", xz), "a.xz: xz: needs", "MiB of memory for its dictionary");
  }

  /** Writes another dictionary size into the header of the first block, and its checksum. */
  private static byte[] declareDictionary(byte[] xz, LZMA2Options options) {
    // Stream header of 12 bytes, then: size, flags, filter id 0x21, 1 byte of properties.
    assertThat(xz[14]).isEqualTo((byte) 0x21);
    int size = options.getDictSize();
    int bits = 31 - Integer.numberOfLeadingZeros(size - 1);
    xz[16] = (byte) (2 * (bits - 11) + ((size >> (bits - 1)) & 1) - 1);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(xz, 12, 8);
    for (int i = 0; i < 4; i++) {
      xz[20 + i] = (byte) (crc.getValue() >> (8 * i));
    }
    return xz;
  }

  @Test
  void streamsOfXzMayBePaddedAndNothingElse() throws IOException {
    byte[] stream = xz(LINES);
    assertThat(texts(write("a.xz", stream, new byte[8], stream, new byte[4]))).hasSize(4);
    assertRefused(write("b.xz", stream, LINES), "xz: ", "of the file");
    assertRefused(write("c.xz", stream, new byte[3]), "xz: the file ends within a stream");
    byte[] wrong = stream.clone();
    wrong[0]++;
    assertRefused(write("d.xz", stream, wrong), "xz: ");
  }

  @ParameterizedTest
  @CsvSource({
    "bzip2, 425a6839314159265359",
    "LZ4, 04224d186440a7",
    "LZ4, 502a4d180000000004224d186440a7",
    "LZMA, 5d00008000ffffffff",
    "lzip, 4c5a4950010c",
    "LZO, 894c5a4f000d0a1a0a",
    "Snappy, ff060000734e61507059",
    "compress, 1f9d9054",
    "zip, 504b030414",
    "7z, 377abcaf271c0004",
    "RAR, 526172211a0700",
    "Parquet, 5041523115",
    "Arrow, 4152524f57310000",
    "ORC, 4f524311",
    "Avro, 4f626a0104",
    "SQLite, 53514c69746520666f726d6174203300",
    "HDF5, 894844460d0a1a0a",
    "NumPy, 934e554d50590100",
    "PDF, 255044462d312e37"
  })
  void formatsThatAreNotReadAreNamed(String name, String start) throws IOException {
    byte[] head = HexFormat.of().parseHex(start);
    assertRefused(
        write("a.jsonl", head, new byte[600]),
        "a.jsonl: ",
        name,
        "in",
        "format",
        "gzip, zstd or xz");
    if (head.length < 12) {
      assertRefused(write("b.gz", gzip(Bytes.concat(head, new byte[600]))), "b.gz: is in " + name);
    }
  }

  @Test
  void sentencesThatBeginLikeAFormatAreRead() throws IOException {
    for (String word : List.of("ORCHIDS", "PAR1S", "LZIP", "BZhang", "FEA1", "Obj")) {
      Path file = write("a.txt", utf8(word + " are words.\n"));
      assertThat(SourceTexts.texts(new SentenceSource(file))).containsExactly(word + " are words.");
    }
  }

  @Test
  void archivesAndWhatIsCompressedTwiceAreNamed() throws IOException {
    byte[] tar = new byte[1024];
    System.arraycopy(utf8("data.jsonl"), 0, tar, 0, 10);
    System.arraycopy(utf8("ustar"), 0, tar, 257, 5);
    assertRefused(write("a.tar.gz", gzip(tar)), "is in tar format", "Unpack it");
    assertRefused(write("b.gz", gzip(gzip(LINES))), "gzip within a compressed file");
    assertRefused(write("c.xz", xz(zstd(LINES))), "zstd within a compressed file");
  }

  @Test
  void aNameThatPromisesCompressionIsNotTakenForTextInAnotherEncoding() throws IOException {
    byte[] gzip = gzip(LINES);
    gzip[0] ^= 1;
    assertRefused(write("a.jsonl.gz", gzip), "is named .gz", "damaged, or in another format");
    byte[] brotli = HexFormat.of().parseHex("8b0f807b2274657874223a03");
    assertRefused(write("a.jsonl.br", brotli), "is named .br", "gzip, zstd or xz");
    assertThat(texts(write("plain.br", LINES))).hasSize(2);
  }

  private void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> texts(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  private static List<String> texts(Path file) {
    return SourceTexts.texts(new JsonlSource(file));
  }

  private Path write(String name, byte[]... parts) throws IOException {
    return Files.write(directory.resolve(name), Bytes.concat(parts));
  }

  static Path resource(String name) {
    URL url = CompressedTextTest.class.getResource(name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  static byte[] zstd(byte[] content) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      return context.setChecksum(true).compress(content);
    }
  }

  static byte[] xz(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LZMA2Options small = new LZMA2Options(1);
    small.setDictSize(LZMA2Options.DICT_SIZE_MIN);
    try (XZOutputStream out = new XZOutputStream(bytes, small)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
