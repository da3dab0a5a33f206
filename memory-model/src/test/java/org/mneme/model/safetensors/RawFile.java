// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files with any header and any data, valid or not. */
final class RawFile {
  private RawFile() {}

  static Path write(Path path, String header, int dataBytes) throws IOException {
    return write(path, header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  static Path write(Path path, byte[] header, int dataBytes) throws IOException {
    return write(path, header.length, header, dataBytes);
  }

  static Path write(Path path, long claimedLength, byte[] header, int dataBytes)
      throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(claimedLength).put(header);
    return Files.write(path, bytes.array());
  }
}
