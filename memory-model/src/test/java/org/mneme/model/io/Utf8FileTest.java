// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;

class Utf8FileTest {
  @TempDir Path folder;

  @Test
  void aByteOrderMarkIsNoPartOfTheText() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "\uFEFFthe río\n");
    assertThat(Utf8File.read(file, 100)).isEqualTo("the río\n");
  }

  /** Both ways find the same byte, also where a character is cut by the end of a block. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_533, 65_534, 65_535, 65_536, 131_071, 200_000})
  void aByteThatIsNotUtf8IsNamedByLineAndOffset(int before) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("é\n日\n".getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes("€".repeat(before / 3).getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes("a".repeat(before % 3).getBytes(StandardCharsets.UTF_8));
    int offset = bytes.size();
    bytes.writeBytes(new byte[] {(byte) 0xC3, 'x', '\n'});
    Path file = folder.resolve("a.txt");
    Files.write(file, bytes.toByteArray());
    String message = file + ":3: not UTF-8: byte 0xc3 at offset " + offset + "; save the file";
    assertThat(Utf8File.malformed(file)).hasMessageStartingWith(message);
    assertThatThrownBy(() -> Utf8File.read(file, 1 << 20))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void aCharacterThatTheEndCutsIsNamed() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.write(file, new byte[] {'a', '\n', (byte) 0xE2, (byte) 0x82});
    assertThat(Utf8File.malformed(file))
        .hasMessageContaining(":2: not UTF-8: byte 0xe2 at offset 2");
  }

  @Test
  void otherEncodingsAreNamed() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.write(file, "\uFEFFriver".getBytes(StandardCharsets.UTF_16LE));
    assertThat(Utf8File.malformed(file)).hasMessageContaining("is UTF-16");
    assertThatThrownBy(() -> Utf8File.read(file, 100)).hasMessageContaining("is UTF-16");
  }
}
