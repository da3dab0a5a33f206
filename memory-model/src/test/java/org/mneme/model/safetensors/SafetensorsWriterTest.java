// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  @TempDir Path folder;

  private static SafetensorsWriter sample() {
    return new SafetensorsWriter()
        .metadata("z", "last")
        .metadata("a", "line\n\"quoted\" é 𝄞")
        .tensor(
            "flags",
            SafetensorsType.BOOL,
            new long[] {3},
            sink -> sink.write(ByteBuffer.wrap(new byte[] {1, 0, 1})))
        .tensor("ids", new long[] {2, 2}, new int[] {1, -2, 3, Integer.MIN_VALUE})
        .tensor("w \"x\"", new long[] {3}, new float[] {1, Float.NaN, -0f})
        .tensor("scalar", new long[] {}, new float[] {42});
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path path = folder.resolve("new/model.safetensors");
    sample().write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata().keySet()).containsExactly("a", "z");
      assertThat(file.metadata()).containsEntry("a", "line\n\"quoted\" é 𝄞");
      assertThat(file.tensors())
          .extracting(TensorEntry::name)
          .containsExactly("ids", "w \"x\"", "scalar", "flags");
      assertThat(file.readInts("ids")).containsExactly(1, -2, 3, Integer.MIN_VALUE);
      assertThat(file.readFloats("w \"x\"")).containsExactly(1, Float.NaN, -0f);
      assertThat(file.require("scalar", SafetensorsType.F32).elements()).isEqualTo(1);
      assertThat(file.slice("flags", 0, 3)).isEqualTo(ByteBuffer.wrap(new byte[] {1, 0, 1}));
    }
  }

  @Test
  void theHeaderIsAlignedAndTheBytesAreDeterministic() throws IOException {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    sample().write(one);
    sample().write(two);
    byte[] bytes = Files.readAllBytes(one);
    assertThat(bytes).isEqualTo(Files.readAllBytes(two));
    long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(header % 8).isZero();
    assertThat(bytes).hasSize((int) (8 + header + 16 + 12 + 4 + 3));
  }

  @Test
  void largeArraysAreStreamedInChunks() throws IOException {
    Path path = folder.resolve("large");
    float[] floats = new float[200_001];
    int[] ints = new int[131_072];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = i * 0.5f;
    }
    for (int i = 0; i < ints.length; i++) {
      ints[i] = -i;
    }
    new SafetensorsWriter()
        .tensor("f", new long[] {floats.length}, floats)
        .tensor("i", new long[] {256, 512}, ints)
        .write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.readFloats("f")).isEqualTo(floats);
      assertThat(file.readInts("i")).isEqualTo(ints);
    }
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path path = folder.resolve("model.safetensors");
    sample().write(path);
    byte[] old = Files.readAllBytes(path);
    SafetensorsWriter failing =
        new SafetensorsWriter()
            .tensor("a", new long[] {1}, new float[1])
            .tensor(
                "b",
                SafetensorsType.F32,
                new long[] {1},
                sink -> {
                  throw new IOException("disk full");
                });
    assertThatThrownBy(() -> failing.write(path)).hasMessage("disk full");
    assertThat(Files.readAllBytes(path)).isEqualTo(old);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void aSourceMustGiveExactlyItsBytes() {
    Path path = folder.resolve("model.safetensors");
    SafetensorsWriter few =
        new SafetensorsWriter()
            .tensor("x", SafetensorsType.U8, new long[] {4}, s -> s.write(ByteBuffer.allocate(3)));
    assertThatThrownBy(() -> few.write(path))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tensor x: found 3 bytes from its source, expected 4 bytes");
    SafetensorsWriter many =
        new SafetensorsWriter()
            .tensor("x", SafetensorsType.U8, new long[] {4}, s -> s.write(ByteBuffer.allocate(5)));
    assertThatThrownBy(() -> many.write(path)).hasMessageContaining("found more from its source");
    assertThat(path).doesNotExist();
  }

  @Test
  void declarationsAreChecked() {
    SafetensorsWriter writer = new SafetensorsWriter().tensor("x", new long[] {1}, new float[] {1});
    assertThatThrownBy(() -> writer.tensor("x", new long[] {1}, new float[] {1}))
        .hasMessageContaining("tensor x");
    assertThatThrownBy(() -> writer.tensor("__metadata__", new long[] {1}, new float[] {1}))
        .hasMessageContaining("tensor __metadata__");
    assertThatThrownBy(() -> writer.tensor("y", new long[] {2}, new float[] {1}))
        .hasMessage("tensor y: found 1 values, expected 2 for its shape");
    assertThatThrownBy(() -> writer.tensor("y", SafetensorsType.F32, new long[] {-1}, s -> {}))
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> writer.metadata("k", "\ud800")).hasMessageContaining("surrogate");
  }
}
