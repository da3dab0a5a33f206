// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.compute.testing.OnDevice;
import org.mneme.eval.ByteCodec;
import org.mneme.eval.LossEvaluator;
import org.mneme.eval.TinyModels;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;

class MemoryFileTest extends OnDevice {
  private static final ByteCodec CODEC = new ByteCodec();

  @TempDir Path folder;

  private static LanguageModel model(PublishedSystem system, long seed) {
    ModelConfig plain = TinyModels.config(system).build();
    ModelConfig config = plain.movesByEma() ? plain.toBuilder().freezeRatio(0.25).build() : plain;
    return LanguageModel.create(device, config, seed);
  }

  private static byte[] bits(LanguageModel model) {
    Tensor bank = model.memory().orElseThrow().bank();
    ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact(bank.elementCount() * 4));
    device.transfer().read(bank, bytes);
    byte[] copy = new byte[bytes.capacity()];
    bytes.rewind().get(copy);
    return copy;
  }

  private Path export(LanguageModel model) throws IOException {
    Path file = folder.resolve("memory.jsonl");
    new MemoryExport(model, CODEC).write(file);
    return file;
  }

  /** Entry 5 is "fox", all others what chance gave them. */
  private static LanguageModel withFox() {
    LanguageModel model = model(PublishedSystem.EMA_TOKEN, 1);
    new EntryEditor(model, CODEC).set(5, "fox");
    return model;
  }

  private static String fox() {
    return "{\"entry\":5,\"text\":\"fox\",\"tokens\":[105,114,123],\"frozen\":true}";
  }

  private ImportReport read(LanguageModel model, String... lines) throws IOException {
    Path file = Files.write(folder.resolve("edited.jsonl"), List.of(lines));
    return new MemoryImport(model, CODEC).read(file);
  }

  private static int[] entry(LanguageModel model, int entry) {
    return ((TokenCodebook) model.memory().orElseThrow()).read(entry);
  }

  @ParameterizedTest
  @EnumSource(names = {"EMA_TOKEN", "EMA_VECTOR", "GATED_MLP", "BESIDE"})
  void anExportIsReadBackToTheSameBits(PublishedSystem system) throws IOException {
    try (LanguageModel first = model(system, 1);
        LanguageModel second = model(system, 2)) {
      assertThat(bits(second)).isNotEqualTo(bits(first));
      Path file = export(first);
      ImportReport report = new MemoryImport(second, CODEC).read(file);
      assertThat(bits(second)).isEqualTo(bits(first));
      assertThat(report).isEqualTo(new ImportReport(64, report.changed(), 0, 0));
      assertThat(new MemoryImport(second, CODEC).read(file))
          .isEqualTo(new ImportReport(64, 0, 0, 0));
      Path again = folder.resolve("again.jsonl");
      new MemoryExport(second, CODEC).write(again);
      assertThat(again).hasSameBinaryContentAs(file);
    }
  }

  @Test
  void aLineTellsNumberTextTokensAndWhetherItIsFrozen() throws IOException {
    try (LanguageModel model = withFox()) {
      List<String> lines = Files.readAllLines(export(model));
      assertThat(lines).hasSize(64);
      assertThat(lines.get(5)).isEqualTo(fox());
      assertThat(lines.get(15)).contains("\"frozen\":true");
      assertThat(lines.get(16)).contains("\"frozen\":false");
    }
  }

  @Test
  void entriesThatNoRuleMovesAreNotFrozen() throws IOException {
    try (LanguageModel model = model(PublishedSystem.GATED_MLP, 1)) {
      assertThat(Files.readAllLines(export(model)))
          .allMatch(line -> line.contains("\"frozen\":false"))
          .allMatch(line -> line.contains("\"vector\":["));
    }
  }

  @Test
  void aLineTellsTheUseIfItIsKnown() throws IOException {
    List<String> documents = List.of("the cat sat on the mat", "a dog");
    try (LanguageModel model = model(PublishedSystem.EMA_TOKEN, 1)) {
      UsageStatistics usage =
          new LossEvaluator(model, 64).evaluate(documents, CODEC, 2).usage().orElseThrow();
      Path file = folder.resolve("used.jsonl");
      new MemoryExport(model, CODEC).write(file, Optional.of(usage));
      List<String> lines = Files.readAllLines(file);
      usage
          .mostUsed()
          .forEach(use -> assertThat(lines.get(use.entry())).contains("\"uses\":" + use.count()));
      long unused = lines.stream().filter(line -> line.contains("\"uses\":0")).count();
      assertThat(unused).isEqualTo(usage.dead());
    }
  }

  @Test
  void entriesOfContextsGoWithTheirOwnersAndVotes() throws IOException {
    try (LanguageModel first = model(PublishedSystem.CONTEXT, 1);
        LanguageModel second = model(PublishedSystem.CONTEXT, 2)) {
      int[] ids = TinyModels.wrap("the cat sat on the mat");
      try (Tensor text = device.allocate(MemoryTag.WORKSPACE, DType.I32, 1, ids.length)) {
        device.transfer().writeInts(ids, text);
        first.contexts().orElseThrow().remember(text, null, CODEC.padId());
      }
      int[] votes = device.transfer().readInts(first.contexts().orElseThrow().votes());
      Path file = export(first);
      List<String> lines = Files.readAllLines(file);
      assertThat(lines).hasSize((int) IntStream.of(votes).filter(v -> v > 0).count());
      assertThat(lines).isNotEmpty().allMatch(line -> line.contains("\"owner\":"));
      new MemoryImport(second, CODEC).read(file);
      assertThat(device.transfer().readInts(second.contexts().orElseThrow().votes()))
          .isEqualTo(votes);
      assertThat(device.transfer().readInts(second.contexts().orElseThrow().owners()))
          .isEqualTo(device.transfer().readInts(first.contexts().orElseThrow().owners()));
      Path again = folder.resolve("again.jsonl");
      assertThat(new MemoryExport(second, CODEC).write(again)).isEqualTo(lines.size());
      assertThat(again).hasSameBinaryContentAs(file);
    }
  }

  /** An entry without a context is never read: a file that sets one must say whose it is. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"entry\":5,\"text\":\"fox\",\"owner\":7} | no \"votes\"",
        "{\"entry\":5,\"text\":\"fox\",\"votes\":1} | no \"owner\"",
        "{\"entry\":5,\"text\":\"fox\"} | entry 5 is empty, expected \"owner\" and \"votes\"",
        "{\"entry\":5,\"text\":\"fox\",\"owner\":7,\"votes\":9999} | \"votes\" has 9999, expected 0 to",
        "{\"entry\":5,\"text\":\"fox\",\"owner\":7,\"votes\":-1} | \"votes\" has -1, expected 0",
        "{\"entry\":5,\"text\":\"fox\",\"owner\":4294967296,\"votes\":1} | \"owner\" has 4294967296",
      })
  void refusesEntriesWhoseContextIsNotWhole(String line, String problem) throws IOException {
    try (LanguageModel model = model(PublishedSystem.CONTEXT, 1)) {
      assertThatThrownBy(() -> read(model, line))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("edited.jsonl, line 1: ", problem);
      ImportReport report = read(model, "{\"entry\":5,\"text\":\"fox\",\"owner\":-7,\"votes\":1}");
      assertThat(report).isEqualTo(new ImportReport(1, 1, 1, 0));
      assertThat(device.transfer().readInts(model.contexts().orElseThrow().owners())[5])
          .isEqualTo(-7);
      report = read(model, "{\"entry\":5,\"text\":\"fox\",\"owner\":-8,\"votes\":1}");
      assertThat(report.changed()).as("another context").isEqualTo(1);
    }
  }

  @Test
  void aChangedTextIsEncodedAgain() throws IOException {
    try (LanguageModel model = withFox()) {
      ImportReport report =
          read(model, fox().replace("fox", "owl"), "{\"entry\":6,\"text\":\"hi\"}");
      assertThat(report).isEqualTo(new ImportReport(2, 2, 2, 0));
      assertThat(entry(model, 5)).isEqualTo(CODEC.encode("owl"));
      assertThat(entry(model, 6)).as("repeated").isEqualTo(CODEC.encode("hih"));
    }
  }

  @Test
  void aTextThatIsTooLongIsCutAndCounted() throws IOException {
    try (LanguageModel model = withFox()) {
      ImportReport report = read(model, fox().replace("fox", "otter"));
      assertThat(report).isEqualTo(new ImportReport(1, 1, 1, 1));
      assertThat(entry(model, 5)).isEqualTo(CODEC.encode("ott"));
    }
  }

  @Test
  void changedTokensCountBesideTheOldText() throws IOException {
    try (LanguageModel model = withFox()) {
      ImportReport report = read(model, fox().replace("123]", "124]"));
      assertThat(report).isEqualTo(new ImportReport(1, 1, 0, 0));
      assertThat(entry(model, 5)).isEqualTo(CODEC.encode("foy"));
    }
  }

  @Test
  void entriesThatAreLeftOutStayAsTheyAre() throws IOException {
    try (LanguageModel model = withFox()) {
      List<String> before = Files.readAllLines(export(model));
      read(model, "", "{\"entry\": 63, \"tokens\": [3, 4, 5]}");
      List<String> after = Files.readAllLines(export(model));
      assertThat(after.subList(0, 63)).isEqualTo(before.subList(0, 63));
      assertThat(after.get(63)).contains("[3,4,5]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "oops | not JSON",
        "[1] | no JSON object, expected one for each entry",
        "{\"text\":\"fox\"} | no \"entry\"",
        "{\"entry\":64,\"text\":\"fox\"} | entry 64, expected 0 to 63",
        "{\"entry\":-1,\"text\":\"fox\"} | \"entry\" has -1, expected 0",
        "{\"entry\":\"5\",\"text\":\"fox\"} | \"entry\" has 5, expected a whole number",
        "{\"entry\":4,\"text\":\"fox\"} | entry 4 again, expected each once",
        "{\"entry\":5} | entry 5 has neither, expected \"text\" or \"tokens\"",
        "{\"entry\":5,\"text\":\"\"} | the text has no token",
        "{\"entry\":5,\"text\":7} | \"text\" has 7, expected a string",
        "{\"entry\":5,\"tokens\":[3,4]} | 2 tokens, expected 3",
        "{\"entry\":5,\"tokens\":[3,4,259]} | \"tokens\": token 259, expected 0 to 258",
        "{\"entry\":5,\"tokens\":[3,4,-1]} | \"tokens\" has -1",
        "{\"entry\":5,\"tokens\":\"fox\"} | expected an array of token ids",
        "{\"entry\":5,\"text\":\"fox\",\"owner\":1} | \"owner\" is given, expected none",
        "{\"entry\":5,\"text\":\"fox\",\"votes\":1} | \"votes\" is given, expected none",
        "{\"entry\":99999999999999999999,\"text\":\"fox\"} | \"entry\" has 99999999999999999999",
        "{\"entry\":5,\"text\":\"fox\"} {} | more after the end of the object",
        "{\"entry\":5,\"entry\":6,\"text\":\"fox\"} | not JSON: Duplicate field 'entry'",
      })
  void namesFileAndLineOfWhatIsWrong(String line, String problem) {
    try (LanguageModel model = withFox()) {
      assertThatThrownBy(() -> read(model, "{\"entry\":4,\"text\":\"cat\"}", line))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("edited.jsonl, line 2: ", problem);
    }
  }

  @Test
  void refusesVectorsThatDoNotFit() {
    try (LanguageModel model = model(PublishedSystem.EMA_VECTOR, 1)) {
      assertThatThrownBy(() -> read(model, "{\"entry\":0,\"vector\":[1,2]}"))
          .hasMessageContainingAll("line 1", "2 numbers, expected 8");
      assertThatThrownBy(() -> read(model, "{\"entry\":0,\"vector\":[1e99]}"))
          .hasMessageContainingAll("line 1", "a finite f32");
      assertThatThrownBy(() -> read(model, "{\"entry\":0,\"text\":\"fox\"}"))
          .hasMessageContainingAll("line 1", "expected a \"vector\"");
    }
  }

  @Test
  void refusesFilesThatAreNone() throws IOException {
    try (LanguageModel model = withFox()) {
      MemoryImport reader = new MemoryImport(model, CODEC);
      assertThatThrownBy(() -> reader.read(folder.resolve("none.jsonl")))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("none.jsonl: no such file");
      assertThatThrownBy(() -> read(model, ""))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("is empty");
      byte[] latin1 = "{\"entry\":5,\"text\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
      Path file = Files.write(folder.resolve("latin1.jsonl"), latin1);
      assertThatThrownBy(() -> reader.read(file))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("latin1.jsonl", "not UTF-8");
    }
    try (LanguageModel dense = TinyModels.create(device, PublishedSystem.ORIGINAL)) {
      assertThatThrownBy(() -> new MemoryExport(dense, CODEC))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("no memory");
    }
  }
}
