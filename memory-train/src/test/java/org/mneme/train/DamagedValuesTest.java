// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.TensorEntry;
import org.mneme.train.config.RunConfig;

/**
 * Puts a bad value into each tensor of each kind of checkpoint, with a checksum that fits: kernels
 * read embeddings and entries at such values, and the process ended in SIGSEGV or went on with
 * numbers from elsewhere.
 */
class DamagedValuesTest extends TinyTest {
  private static final String MODEL = "model.safetensors";
  private static final String TRAINER = "trainer.safetensors";

  /** Hashes of texts and of places: each number can be one. */
  private static final List<String> ANY = List.of("memory_bank.owners", "contexts.origins");

  private Path checkpoint;

  /** Trains nothing: a run of the present version, as it is when it is interrupted. */
  private RunConfig interrupted(EarlierVersion kind) {
    RunConfig run = kind.run(tiny);
    int[] steps = {0};
    try (LanguageModel model = tiny.create(run)) {
      Trainer trainer = tiny.trainer(model, run, folder);
      trainer.stopWhen(() -> ++steps[0] >= EarlierVersion.SAVED);
      assertThatThrownBy(trainer::train).isInstanceOf(TrainingStoppedException.class);
    }
    checkpoint = RunFolder.checkpointOf(folder);
    return run;
  }

  private void resume(RunConfig run) {
    try (LanguageModel model = tiny.create(run)) {
      tiny.trainer(model, run, folder).resume().train();
    }
  }

  @ParameterizedTest
  @EnumSource
  void noTensorWithABadValueIsUsed(EarlierVersion kind) throws IOException {
    RunConfig run = interrupted(kind);
    for (String name : List.of(MODEL, TRAINER)) {
      Path file = checkpoint.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (TensorEntry tensor : tensors(file)) {
        if (tensor.elements() > 0 && !ANY.contains(tensor.name())) {
          Files.write(file, withBadLast(good, tensor));
          seal();
          String place = tensor.name() + last(tensor.shape()) + ": expected ";
          boolean ofModel = name.equals(MODEL);
          assertThatThrownBy(
                  () -> {
                    if (ofModel) {
                      LanguageModel.load(tiny.device, checkpoint).close();
                    } else {
                      resume(run);
                    }
                  })
              .as("%s %s", kind, tensor)
              .isInstanceOf(UserException.class)
              .hasMessageStartingWith(file + ": " + place);
        }
      }
      Files.write(file, good);
      seal();
    }
    resume(run);
  }

  private static List<TensorEntry> tensors(Path file) {
    try (SafetensorsFile open = SafetensorsFile.open(file)) {
      return open.tensors();
    }
  }

  private static String last(long[] shape) {
    return Arrays.toString(Arrays.stream(shape).map(extent -> extent - 1).toArray());
  }

  /** NaN, or the least of all integers, as the last element of a tensor. */
  private static byte[] withBadLast(byte[] file, TensorEntry tensor) {
    ByteBuffer bytes = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int end = Math.toIntExact(8 + bytes.getLong(0) + tensor.end());
    switch (tensor.type()) {
      case F32 -> bytes.putFloat(end - Float.BYTES, Float.NaN);
      case F64 -> bytes.putDouble(end - Double.BYTES, Double.NaN);
      case I32 -> bytes.putInt(end - Integer.BYTES, Integer.MIN_VALUE);
      default -> throw new AssertionError(tensor);
    }
    return bytes.array();
  }

  /** Writes the checksums of the files as they are now. */
  private void seal() throws IOException {
    Path list = checkpoint.resolve("checksums");
    StringBuilder sealed = new StringBuilder();
    for (String line : Files.readAllLines(list)) {
      String name = line.substring(line.indexOf("  ") + 2);
      sealed.append(MoreFiles.asByteSource(checkpoint.resolve(name)).hash(Hashing.sha256()));
      sealed.append("  ").append(name).append('\n');
    }
    Files.writeString(list, sealed);
  }

  private void put(String file, String tensor, int element, int bits) throws IOException {
    Path path = checkpoint.resolve(file);
    byte[] all = Files.readAllBytes(path);
    ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    long begin =
        tensors(path).stream().filter(e -> e.name().equals(tensor)).findFirst().get().begin();
    bytes.putInt(Math.toIntExact(8 + bytes.getLong(0) + begin + 4L * element), bits);
    Files.write(path, all);
    seal();
  }

  /** Element numbers are those of the rows of 4 tokens that a memory has here. */
  @ParameterizedTest
  @CsvSource({
    "EMA_TOKEN_SHADOW, model.safetensors, memory_bank, 71, 70000,"
        + " 'memory_bank[17, 3]: expected a token id in [0, 288), got 70000'",
    "EMA_TOKEN_PUBLISHED, model.safetensors, memory_bank, 0, 288,"
        + " 'memory_bank[0, 0]: expected a token id in [0, 288), got 288'",
    "CONTEXT_TOKEN, model.safetensors, memory_bank.votes, 5, 17,"
        + " 'memory_bank.votes[5]: expected votes in [0, 17), got 17'",
    "EMA_VECTOR, trainer.safetensors, count.counts, 9, -1082130432,"
        + " 'count.counts[9]: expected a finite number of at least 0, got -1.0'",
    "EMA_VECTOR, trainer.safetensors, optimizer.moment2, 0, -1082130432,"
        + " 'optimizer.moment2[0]: expected a finite number of at least 0, got -1.0'",
    "NONE, model.safetensors, norm.weight, 7, 2139095040,"
        + " 'norm.weight[7]: expected a finite number, got Infinity'",
    "LEARNED, model.safetensors, layers.0.memory_gate.query_norm.running_var, 0, -1082130432,"
        + " 'running_var[0]: expected a finite number of at least 0, got -1.0'",
    "EMA_TOKEN_SHADOW, trainer.safetensors, sparse.entries, 0, 64,"
        + " 'sparse.entries[0]: expected an entry, or -1, in [-1, 64), got 64'",
    "EMA_TOKEN_SHADOW, trainer.safetensors, sparse.tokens, 0, 70000,"
        + " 'sparse.tokens[0, 0]: expected a token id in [0, 288), got 70000'",
  })
  void theMessageNamesPlaceAndValue(
      EarlierVersion kind, String file, String tensor, int element, int bits, String message)
      throws IOException {
    RunConfig run = interrupted(kind);
    put(file, tensor, element, bits);
    assertThatThrownBy(() -> resume(run))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(checkpoint.resolve(file).toString())
        .hasMessageContaining(message);
  }

  @Test
  void aStateThatNoTrainingLeavesIsRefused() throws IOException {
    RunConfig run = interrupted(EarlierVersion.NONE);
    Path state = checkpoint.resolve("trainer.json");
    String good = Files.readString(state);
    for (String bad :
        List.of(
            "null",
            "{}",
            "[]",
            "",
            good.replace("\"steps\" : 6", "\"steps\" : -1"),
            good.replace("\"steps\" : 6", "\"steps\" : 9"),
            good.replace("\"index\" : 24", "\"index\" : 2400000"),
            good.replaceFirst("\"progress\" : ", "\"progress\" : null, \"x\" : "),
            good.replaceFirst("\"judged_loss\" : [^,]*", "\"judged_loss\" : 1e999"),
            good.replaceFirst("\"elapsed_seconds\" : [^,]*", "\"elapsed_seconds\" : -1"),
            good.replaceFirst("\"source\" : [^,]*", "\"source\" : null"),
            good.replaceFirst("(?s)\"losses\" : \\[.*?\\]", "\"losses\" : null"))) {
      assertThat(bad).isNotEqualTo(good);
      Files.writeString(state, bad);
      seal();
      assertThatThrownBy(() -> resume(run))
          .as(bad)
          .isInstanceOf(UserException.class)
          .hasMessageContaining(state.toString())
          .hasMessageNotContainingAny("Exception", "java.", "jackson");
    }
  }
}
