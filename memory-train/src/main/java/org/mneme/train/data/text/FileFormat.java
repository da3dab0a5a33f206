// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.text;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A format that is recognised by bytes near the start of a file.
 *
 * @param name its name, for messages
 * @param at where the bytes are
 * @param magic the bytes
 * @param advice what to do with such a file
 */
@SuppressWarnings("ArrayRecordComponent")
record FileFormat(String name, int at, byte[] magic, String advice) {

  /** Bytes of the start of a file that are enough to recognise it. */
  static final int HEAD = 512;

  /** Ends of the names of compressed files, read or not. */
  static final Set<String> SUFFIXES =
      Set.of("gz", "zst", "xz", "bz2", "lz4", "lzma", "lz", "lzo", "br", "sz", "z");

  /** Bytes that no text begins with by chance. */
  private static final int CERTAIN = 5;

  private static final String DECOMPRESS = "Decompress it, or compress it with gzip, zstd or xz";
  private static final String UNPACK = "Unpack it and give the files in it";
  private static final String EXPORT = "Export it as JSONL";

  /** Formats that are met often and are not read; without a name they would be "not UTF-8". */
  private static final List<FileFormat> UNSUPPORTED =
      List.of(
          text("bzip2", 4, "1AY&SY", DECOMPRESS),
          text("bzip2", 0, "BZh", DECOMPRESS),
          hex("LZ4", "04224d18", DECOMPRESS),
          hex("LZ4 (legacy)", "02214c18", DECOMPRESS),
          hex("LZMA (.lzma)", "5d0000", DECOMPRESS),
          text("lzip", 0, "LZIP", DECOMPRESS),
          hex("LZO", "894c5a4f000d0a1a0a", DECOMPRESS),
          hex("Snappy", "ff060000734e61507059", DECOMPRESS),
          hex("compress (.Z)", "1f9d", DECOMPRESS),
          hex("zstd before version 0.8", "27b52ffd", DECOMPRESS),
          text("zip", 0, "PK\3\4", UNPACK),
          text("zip", 0, "PK\5\6", UNPACK),
          hex("7z", "377abcaf271c", UNPACK),
          text("RAR", 0, "Rar!\32\7", UNPACK),
          text("tar", 257, "ustar", UNPACK),
          text("Parquet", 0, "PAR1", EXPORT),
          text("Arrow", 0, "ARROW1", EXPORT),
          text("Feather", 0, "FEA1", EXPORT),
          text("ORC", 0, "ORC", EXPORT),
          text("Avro", 0, "Obj\1", EXPORT),
          text("SQLite", 0, "SQLite format 3\0", EXPORT),
          hex("HDF5", "894844460d0a1a0a", EXPORT),
          hex("NumPy", "934e554d5059", EXPORT),
          text("PDF", 0, "%PDF-", EXPORT));

  private static final List<FileFormat> COMPRESSED =
      List.of(hex("gzip", "1f8b", ""), hex("zstd", "28b52ffd", ""), hex("xz", "fd377a585a00", ""));

  private static FileFormat text(String name, int at, String magic, String advice) {
    return new FileFormat(name, at, magic.getBytes(StandardCharsets.US_ASCII), advice);
  }

  private static FileFormat hex(String name, String magic, String advice) {
    return new FileFormat(name, 0, HexFormat.of().parseHex(magic), advice);
  }

  /** Returns the format of a file that is not read, if it is one of those known by name. */
  static Optional<FileFormat> unsupported(byte[] head) {
    return UNSUPPORTED.stream().filter(format -> format.fits(head)).findFirst();
  }

  /** Returns whether text may begin like this by chance: "ORCHIDS are flowers". */
  boolean mayBeText() {
    return magic.length < CERTAIN;
  }

  /** Returns how a file is compressed: gzip, zstd or xz, empty for any other. */
  static Optional<String> compression(byte[] head) {
    if (isSkippableFrame(head)) {
      return Optional.of("zstd");
    }
    return COMPRESSED.stream().filter(f -> f.fits(head)).map(FileFormat::name).findFirst();
  }

  /** A frame that holds no data, with which pzstd and some uploads begin. */
  private static boolean isSkippableFrame(byte[] head) {
    return head.length >= 4
        && (head[0] & 0xf0) == 0x50
        && head[1] == 0x2a
        && head[2] == 0x4d
        && head[3] == 0x18;
  }

  private boolean fits(byte[] head) {
    if (head.length < at + magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (head[at + i] != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
