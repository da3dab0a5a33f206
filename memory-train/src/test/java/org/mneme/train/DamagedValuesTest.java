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
import org.mneme.train.folder.RunFolder;

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
        + " 'count.counts[9]: expected a number in [0, 4294967296], got -1.0'",
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
    "EMA_TOKEN_SHADOW, trainer.safetensors, sparse.updated, 0, 4,"
        + " 'sparse.updated[0]: expected the number of an update in [0, 4), got 4'",
    "EMA_TOKEN_SHADOW, trainer.safetensors, touched, 63, 7,"
        + " 'touched[63]: expected a count in [0, 7), got 7'",
    "EMA_VECTOR, trainer.safetensors, count.update, 0, 4,"
        + " 'count.update[0]: expected the number of an update in [0, 4), got 4'",
    "EMA_VECTOR, trainer.safetensors, count.counts, 9, 1903171328,"
        + " 'count.counts[9]: expected a number in [0, 4294967296], got 1.1888673224155832E30'",
    "EMA_VECTOR, trainer.safetensors, count.total, 1, -1074790400,"
        + " 'count.total[0]: expected a number in [0, 4294967296], got -1'",
    "EMA_VECTOR, trainer.safetensors, count.total, 1, 2146435072,"
        + " 'count.total[0]: expected a number in [0, 4294967296], got '",
    "EMA_VECTOR, trainer.safetensors, revival.progress, 1, 7,"
        + " 'revival.progress[1]: expected a count in [0, 7), got 7'",
    "NONE, trainer.safetensors, losses.skipped_steps, 0, 7,"
        + " 'losses.skipped_steps[0]: expected a count in [0, 7), got 7'",
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
            good.replace("\"index\" : 24", "\"index\" : -1"),
            good.replaceFirst("\"epoch\" : [0-9]+", "\"epoch\" : 9000000000000000000"),
            good.replaceFirst("\"tokens\" : [0-9]+", "\"tokens\" : 3"),
            good.replaceFirst("\"reported_step\" : 6", "\"reported_step\" : 7"),
            good.replaceFirst("\"validation_loss\" : [^,]*", "\"validation_loss\" : \"NaN\""),
            good.replaceFirst("\"validation_loss\" : [^,]*", "\"validation_loss\" : -1"),
            good.replaceFirst("\"trained_seconds\" : [^,]*", "\"trained_seconds\" : 1e12"),
            good.replaceFirst("\"low_since\" : [0-9]+", "\"low_since\" : 7"),
            good.replaceFirst("\"low\" : [0-9]+", "\"low\" : -1"),
            good.replaceFirst("\"best\" : [^,]*", "\"best\" : 1e300"),
            good.replaceFirst("\"lowest\" : [^,]*", "\"lowest\" : \"NaN\""),
            good.replaceFirst("\"in_arow\" : [0-9]+", "\"in_arow\" : -1"),
            good.replaceFirst("(?s)\"losses\" : \\[.*?\\]", "\"losses\" : [1, null]"),
            good.replaceFirst("(?s)\"losses\" : \\[.*?\\]", "\"losses\" : [\"Infinity\"]"),
            good.replaceFirst("(?s)\"active\" : \\[.*?\\]", "\"active\" : [null]"),
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
