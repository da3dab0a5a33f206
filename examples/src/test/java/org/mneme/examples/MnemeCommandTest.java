// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.folder.RunFolder;
import picocli.CommandLine;

/** The command line as a user types it: what it prints, what it leaves, its exit codes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MnemeCommandTest {
  @TempDir static Path directory;

  private Path text;
  private Path tokenRun;

  @BeforeAll
  void trainOneModel() throws IOException {
    text = directory.resolve("text.jsonl");
    Files.write(text, documents(), StandardCharsets.UTF_8);
    Result result = train("1.4.6", "shared", "train.memory_init=text");
    assertThat(result.exitCode).as(result.err).isZero();
    tokenRun = runNamed("shared");
  }

  @Test
  void argumentsThatBeginWithAnAtSignAreText() throws IOException {
    String file = "@" + Files.writeString(directory.resolve("at"), "--seed 7");
    for (String prompt : List.of(file, "@@x")) {
      CommandLine.ParseResult parsed =
          Mneme.commandLine().parseArgs("generate", tokenRun.toString(), "--prompt", prompt);
      assertThat(parsed.subcommand().matchedOptionValue("--prompt", "")).isEqualTo(prompt);
    }
  }

  private static List<String> documents() {
    List<String> lines = new ArrayList<>();
    String[] animals = {"lantern fish", "river otter", "grey heron", "brown bear", "field mouse"};
    String[] doings = {"sleeps under", "swims beside", "looks for food near", "hides behind"};
    String[] places = {"the old bridge", "a mossy stone", "the mill", "tall reeds"};
    for (int i = 0; i < 240; i++) {
      lines.add(
          "{\"text\": \"the %s %s %s; \\\"it was seen %d times\\\"\"}"
              .formatted(
                  animals[i % animals.length],
                  doings[i / 3 % doings.length],
                  places[i / 7 % places.length],
                  i));
    }
    return lines;
  }

  private Result train(String system, String name, String... settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of("train", text.toString(), "--system", system, "--name", name, "--runs"));
    arguments.add(directory.resolve("runs").toString());
    List<String> all =
        new ArrayList<>(
            List.of(
                "model.vocab_size=300",
                "model.dim=32",
                "model.n_layers=2",
                "model.n_heads=4",
                "model.n_kv_heads=2",
                "model.max_seq_len=32",
                "model.memory_layers=[]",
                "model.knowledge_num=64",
                "model.knowledge_dim=16",
                "model.knowledge_length=8",
                "model.num_selected=4",
                "train.max_steps=12",
                "train.batch_size=4",
                "train.accumulation_steps=1",
                "train.learning_rate=0.003",
                "train.eval_interval=6",
                "train.log_interval=3",
                "data.packing=packed",
                "data.validation_fraction=0.1",
                "data.shards=" + directory.resolve("shards")));
    all.addAll(List.of(settings));
    all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return mneme(arguments.toArray(String[]::new));
  }

  private static Path runNamed(String name) throws IOException {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.filter(run -> run.getFileName().toString().startsWith(name + "-"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Whatever the run calls it. */
  private static String checkpointOf(Path run) {
    return RunFolder.checkpointOf(run).toString();
  }

  private static Result mneme(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = Mneme.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    int exitCode = commandLine.execute(arguments);
    return new Result(exitCode, out.toString(), err.toString());
  }

  private record Result(int exitCode, String out, String err) {
    void isRefused(String... parts) {
      assertThat(exitCode).as(out + err).isEqualTo(2);
      assertThat(err).contains(parts).contains("mneme: ").doesNotContain("\tat org.mneme");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.4.0", "1.4.1", "1.4.2", "1.4.5", "beside"})
  void trainsAndReports(String system) throws IOException {
    Result result = train(system, "system-" + system, "model.ema_update_freq=2");
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out).contains("unigram entropy", "report.html");
    Path run = runNamed("system-" + system);
    assertThat(run.resolve("report.html")).content().contains("</html>", "validation");
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
        .anyMatch(line -> line.contains("\"event\":\"validation\""));
    assertThat(RunFolder.checkpointOf(run).resolve("model.safetensors")).exists();
  }

  @Test
  void evaluates() {
    Result result = mneme("eval", checkpointOf(tokenRun), text.toString(), "--max-tokens", "8");
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out)
        .contains("perplexity", "bits per byte", "loss without reads", "Gini of use")
        .contains("self-BLEU", "without reads")
        .doesNotContain("written to");
  }

  /** What a run is evaluated to when it ends, and what 'eval' makes of it later. */
  @Test
  void aRunIsEvaluatedToTheSameAgain() throws IOException {
    Result trained = train("1.4.6", "evaluated", "train.memory_init=text");
    assertThat(trained.exitCode).as(trained.err).isZero();
    Path run = runNamed("evaluated");
    Evaluation atEnd = Evaluation.read(run.resolve(Evaluation.FILE));
    assertThat(atEnd.step()).isEqualTo(12);
    assertThat(atEnd.text().lossWithoutReads()).isPositive();
    assertThat(atEnd.generation().metrics().texts()).isEqualTo(16);
    assertThat(atEnd.usageOverTime()).extracting(MemoryUse::step).endsWith(6L, 12L);

    Result result =
        mneme("eval", run.toString(), "--facts", facts().toString(), "--candidates", "3");
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out).contains("held_out", "birth_city", "bits per parameter", "written to");
    Evaluation again = Evaluation.read(run.resolve(Evaluation.FILE));
    assertThat(again.text()).isEqualTo(atEnd.text());
    assertThat(again.generation()).isEqualTo(atEnd.generation());
    assertThat(again.usageOverTime()).isEqualTo(atEnd.usageOverTime());
    assertThat(again.facts().phrasings()).hasSize(2);
    assertThat(again.facts().withoutReads()).hasSize(2);

    Result resumed = mneme("train", "--resume", run.toString());
    assertThat(resumed.exitCode).as(resumed.err).isZero();
    assertThat(Evaluation.read(run.resolve(Evaluation.FILE)))
        .as("what a resume does not measure again is kept")
        .isEqualTo(again);
  }

  @Test
  void namesTheRunThatIsMeant() throws IOException {
    String name = tokenRun.getFileName().toString();
    String typed = tokenRun.resolveSibling(name.substring(0, name.length() - 4)).toString();
    String meant = "You may mean " + tokenRun;
    mneme("eval", typed).isRefused("no such directory", meant);
    mneme("generate", typed, "--prompt", "the").isRefused("no such directory", meant);
    mneme("train", "--resume", typed).isRefused("got no such folder", meant);
    mneme("train", "--resume", checkpointOf(tokenRun)).isRefused("got a checkpoint", meant);
  }

  /** The loss of the other text would pass for that of the run. */
  @Test
  void figuresOfAnotherTextAreNotWrittenIntoTheRun() throws IOException {
    Path ofRun = tokenRun.resolve(Evaluation.FILE);
    byte[] before = Files.readAllBytes(ofRun);
    Path other = directory.resolve("other-evaluation.json");
    Result result = mneme("eval", tokenRun.toString(), text.toString(), "--generations", "0");
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out).contains("not written to", "FILE is not what the run held out");
    assertThat(ofRun).hasBinaryContent(before);
    result =
        mneme(
            "eval",
            tokenRun.toString(),
            text.toString(),
            "--generations",
            "0",
            "--out",
            other.toString());
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(ofRun).hasBinaryContent(before);
    assertThat(Evaluation.read(other).text().source()).contains("text.jsonl");
  }

  /** The option was ignored: each number of documents gave the figures of all of them. */
  @Test
  void theFirstHeldOutDocumentsAreMeasuredAndNotWrittenIntoTheRun() throws IOException {
    Path ofRun = tokenRun.resolve(Evaluation.FILE);
    byte[] before = Files.readAllBytes(ofRun);
    List<Long> tokens = new ArrayList<>();
    for (String documents : List.of("1", "2", "100000")) {
      Path out = directory.resolve("first-" + documents + ".json");
      Result result = evalFirst(documents, "--out", out.toString());
      assertThat(result.exitCode).as(result.err).isZero();
      tokens.add(Evaluation.read(out).text().tokens());
      assertThat(Evaluation.read(out).text().source()).contains(", the first " + documents);
    }
    assertThat(tokens).isSorted().doesNotHaveDuplicates();
    assertThat(tokens).endsWith(Evaluation.read(ofRun).text().tokens());
    Result result = evalFirst("1");
    assertThat(result.out).contains("not written to", "--documents measures a part");
    evalFirst("1", "--out", ofRun.toString()).isRefused("holds the loss on", "another file");
    Path first = directory.resolve("first-2.json");
    evalFirst("1", "--out", first.toString()).isRefused("the first 2 documents");
    assertThat(evalFirst("2", "--out", first.toString()).exitCode).isZero();
    assertThat(ofRun).hasBinaryContent(before);
    for (String documents : List.of("0", "-1", "two")) {
      evalFirst(documents).isRefused("--documents");
    }
  }

  private Result evalFirst(String documents, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("eval", tokenRun.toString(), "--generations", "0"));
    arguments.addAll(List.of("--documents", documents));
    arguments.addAll(List.of(more));
    return mneme(arguments.toArray(String[]::new));
  }

  /** Files change: figures on another text must not become those of the run. */
  @Test
  void aRunWhoseTextWasChangedIsNotMeasuredOnTheNewOne() throws IOException {
    Path changing = directory.resolve("changing.jsonl");
    Files.write(changing, documents(), StandardCharsets.UTF_8);
    Result trained =
        train("1.4.0", "changing", "data.files=[\"" + changing + "\"]", "train.max_steps=2");
    assertThat(trained.exitCode).as(trained.err).isZero();
    Path run = runNamed("changing");
    byte[] before = Files.readAllBytes(run.resolve(Evaluation.FILE));
    Files.write(changing, documents().subList(0, 200), StandardCharsets.UTF_8);
    mneme("eval", run.toString())
        .isRefused("is not known to be the text of the run", "documents: expected", "Name a FILE");
    assertThat(run.resolve(Evaluation.FILE)).hasBinaryContent(before);
  }

  /** Such as null: what the file holds may be worth something to its owner. */
  @Test
  void anEvaluationThatCannotBeReadIsNotOverwritten() throws IOException {
    Path other = directory.resolve("null-evaluation.json");
    for (String content : List.of("null", "", "[]", "{\"step\":1}")) {
      Files.writeString(other, content);
      mneme(
              "eval",
              tokenRun.toString(),
              text.toString(),
              "--generations",
              "0",
              "--out",
              other.toString())
          .isRefused("null-evaluation.json");
      assertThat(other).hasContent(content);
    }
  }

  @Test
  void aPartOfAnEvaluationThatFailsLeavesTheOthers() throws IOException {
    Path prompts = directory.resolve("long-prompt.txt");
    Path written = directory.resolve("partial.json");
    Files.writeString(prompts, "the river ".repeat(20) + "\n");
    mneme(
            "eval",
            tokenRun.toString(),
            text.toString(),
            "--prompts",
            prompts.toString(),
            "--out",
            written.toString())
        .isRefused("the evaluation is not complete", "generation: the prompt", "too long");
    Evaluation evaluation = Evaluation.read(written);
    assertThat(evaluation.text().loss()).isPositive();
    assertThat(evaluation.unmeasured()).containsOnlyKeys(Evaluation.GENERATION);
  }

  @Test
  void promptsAreUtf8WithOrWithoutAByteOrderMark() throws IOException {
    Path prompts = directory.resolve("bom-prompts.txt");
    Path written = directory.resolve("bom.json");
    Files.writeString(prompts, "\uFEFFthe heron\r\n\n");
    Result result =
        mneme(
            "eval",
            tokenRun.toString(),
            "--prompts",
            prompts.toString(),
            "--generations=1",
            "--max-tokens=2",
            "--out",
            written.toString());
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(Evaluation.read(written).generation().samples())
        .allMatch(sample -> sample.prompt().equals("the heron"));

    Files.write(prompts, new byte[] {'a', '\n', 'b', (byte) 0xFF, '\n'});
    mneme("eval", tokenRun.toString(), "--prompts", prompts.toString())
        .isRefused("bom-prompts.txt:2: not UTF-8: byte 0xff at offset 3");
  }

  /** A flipped bit that leaves the file well formed would give other numbers without a word. */
  @ParameterizedTest
  @ValueSource(
      strings = {"model.safetensors", "config.json", "tokenizer.json", "trainer.json", "checksums"})
  void aDamagedCheckpointIsNotUsed(String name) throws IOException {
    Path copy = directory.resolve("damaged-" + name);
    Files.createDirectories(copy);
    try (Stream<Path> files = Files.list(RunFolder.checkpointOf(tokenRun))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName().toString()));
      }
    }
    Path file = copy.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    boolean json = name.endsWith(".json");
    int at = name.equals("checksums") ? 0 : bytes.length - 20;
    if (json) {
      Files.writeString(file, Files.readString(file) + "\n"); // as valid as before
    } else {
      bytes[at] ^= 1;
      Files.write(file, bytes);
    }
    mneme("generate", copy.toString(), "--prompt", "the", "--max-tokens=1").isRefused(name);
    mneme("memory", "show", copy.toString(), text.toString()).isRefused(name);
    mneme("eval", copy.toString(), text.toString()).isRefused(name);
    if (!name.equals("checksums")) {
      mneme("generate", copy.toString(), "--prompt", "the")
          .isRefused(name + ": damaged: expected SHA-256 ", "delete ");
    }
    Files.write(file, bytes);
    if (!json) {
      bytes[at] ^= 1;
      Files.write(file, bytes);
    }
    assertThat(mneme("generate", copy.toString(), "--prompt", "the", "--max-tokens=1").exitCode)
        .isZero();
  }

  /** Questions that fit a model of 32 positions over 300 tokens. */
  private static Path facts() throws IOException {
    Path file = directory.resolve("short-facts.jsonl");
    List<String> lines = new ArrayList<>();
    for (int person = 0; person < 4; person++) {
      for (String phrasing : List.of("train", "held_out")) {
        lines.add(
            "{\"person\":\"P%d\",\"attribute\":\"birth_city\",\"value\":\"T%d\",\"prompt\":\"P%d of\","
                    .formatted(person, person % 3, person)
                + "\"phrasing\":\"%s\",\"choices\":3}".formatted(phrasing));
      }
    }
    return Files.write(file, lines, StandardCharsets.UTF_8);
  }

  @Test
  void generatesTheSameForOneSeed() {
    String[] arguments = {
      "generate", tokenRun.toString(), "--prompt", "the river", "--max-tokens", "8", "--seed", "5"
    };
    Result first = mneme(arguments);
    assertThat(first.exitCode).as(first.err).isZero();
    assertThat(first.out).startsWith("the river");
    assertThat(mneme(arguments).out).isEqualTo(first.out);
  }

  @Test
  void showsWhatTheMemoryHolds() {
    Path start = tokenRun.resolve("memory-at-start.safetensors");
    Result result =
        mneme(
            "memory",
            tokenRun.toString(),
            text.toString(),
            "--entries",
            "3",
            "--since",
            start.toString());
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out).contains("in the first slot", "text ", "layer ", "weight ");
    assertThat(result.out.split("entry ", -1)).hasSize(4);
  }

  @Test
  void makesFacts() {
    Path facts = directory.resolve("facts");
    Result result = mneme("facts", "generate", "--people", "5", "--out", facts.toString());
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out).contains("5 people", "bits", "100 documents");
    assertThat(facts.resolve("biographies.jsonl")).exists();
    assertThat(facts.resolve("facts.jsonl")).exists();
  }

  @Test
  void showsTheMemoryWithoutTheWordShowToo() {
    String run = tokenRun.toString();
    Result named = mneme("memory", "show", run, text.toString(), "--entry", "3");
    assertThat(named.out).startsWith("entry 3: used");
    assertThat(mneme("memory", run, text.toString(), "--entry", "3").out).isEqualTo(named.out);
    assertThat(mneme("memory", "--entry", "3", run, text.toString()).out).isEqualTo(named.out);
  }

  @Test
  void exportsAMemoryAndImportsIt() throws IOException {
    Path file = directory.resolve("memory.jsonl");
    Path same = directory.resolve("imported");
    String run = tokenRun.toString();
    Result export =
        mneme("memory", "export", run, "--out", file.toString(), "--text", text.toString());
    assertThat(export.exitCode).as(export.err).isZero();
    assertThat(Files.readAllLines(file)).hasSize(64).allMatch(line -> line.contains("\"uses\":"));
    Result back = mneme("memory", "import", run, file.toString(), "--out", same.toString());
    assertThat(back.exitCode).as(back.err).isZero();
    assertThat(back.out).contains("64 entries read, 0 changed");
    assertThat(modelOf(same)).hasSameBinaryContentAs(modelOf(tokenRun));

    Files.writeString(file, "{\"entry\":3,\"text\":\"the heron\"}\n{\"entry\":400}\n");
    mneme("memory", "import", run, file.toString(), "--out", same.toString())
        .isRefused("imported: is there already");
    String other = directory.resolve("refused").toString();
    mneme("memory", "import", run, file.toString(), "--out", other)
        .isRefused(
            "memory.jsonl, line 2: entry 400, expected 0 to 63",
            "Nothing was written",
            "as it was");
    assertThat(directory.resolve("refused")).doesNotExist();
    assertThat(modelOf(same)).hasSameBinaryContentAs(modelOf(tokenRun));
  }

  private static Path modelOf(Path checkpoint) {
    return RunFolder.checkpointOf(checkpoint).resolve("model.safetensors");
  }

  @Test
  void editsAnEntryThatAPromptSelects() {
    String run = tokenRun.toString();
    Result trace = mneme("memory", "trace", run, "--prompt", "the river", "--entries", "1");
    assertThat(trace.out).containsPattern("entry \\d+, weight").contains("▸the◂");
    String entry = trace.out.replaceFirst("(?s)entry (\\d+),.*", "$1");
    Path saved = directory.resolve("edited");
    Result edit =
        mneme(
            "memory",
            "edit",
            run,
            "--entry",
            entry,
            "--text",
            "the",
            "--prompt",
            "the river",
            "--save",
            saved.toString());
    assertThat(edit.exitCode).as(edit.err).isZero();
    assertThat(edit.out)
        .contains("entry " + entry, "selected ", "next token, KL", "→", "continuation");
    new Checkpoint(saved).verify();
    assertThat(new Checkpoint(saved).isComplete()).isTrue();
    Result shown = mneme("memory", saved.toString(), text.toString(), "--entry", entry);
    assertThat(shown.out).contains("text   thethe");
    assertThat(mneme("generate", saved.toString(), "--max-tokens", "4").exitCode).isZero();
    assertThat(mneme("eval", saved.toString(), text.toString()).exitCode).isZero();
  }

  /** The example of docs/knowledge.md. */
  @Test
  void editsTheEntryThatIsReadAfterAText() throws IOException {
    Result trained = train("context", "contexts", "train.max_steps=2");
    assertThat(trained.exitCode).as(trained.err).isZero();
    String run = runNamed("contexts").toString();
    String prompt = "we came to a small";
    Result edit = edit(run, "a small", prompt);
    assertThat(edit.exitCode).as(edit.err).isZero();
    assertThat(edit.out)
        .contains("read after the tokens \"")
        .contains("selected after at")
        .doesNotContain("selected nowhere", "‹begin›");

    Path saved = directory.resolve("unread");
    Result unread = edit(run, "by the lake", prompt, "--save", saved.toString());
    assertThat(unread.exitCode).as(unread.err).isZero();
    assertThat(unread.out)
        .contains("selected nowhere in the prompt: the edit changes nothing there")
        .contains("the prompt does not end with the context")
        .endsWith(
            "checkpoint "
                + saved
                + System.lineSeparator()
                + "  the entry is changed in it, but nothing changes after this prompt"
                + System.lineSeparator());
    edit(run, "", prompt).isRefused("context \"\" has 0 tokens", "expected at least 1");
  }

  private static Result edit(String run, String context, String prompt, String... more) {
    List<String> arguments = new ArrayList<>(List.of("memory", "edit", run, "--context", context));
    arguments.addAll(List.of("--text", " lake", "--prompt", prompt, "--max-tokens", "4"));
    arguments.addAll(List.of(more));
    return mneme(arguments.toArray(String[]::new));
  }

  @Test
  void tellsOfTheDevices() {
    Result result = mneme("devices");
    assertThat(result.exitCode).isZero();
    assertThat(result.out).contains("nd4j", "cpu", "available");
  }

  @Test
  void timesTrainingSteps() {
    Result result =
        mneme(
            "bench",
            "--systems",
            "1.4.0,1.4.6",
            "--blocks",
            "1",
            "--dim",
            "32",
            "--layers",
            "1",
            "--heads",
            "4",
            "--kv-heads",
            "2",
            "--sequence",
            "16",
            "--batch",
            "2",
            "--vocabulary",
            "300",
            "--entries",
            "64");
    assertThat(result.exitCode).as(result.err).isZero();
    assertThat(result.out).contains("GFLOP/s", "nearest_token", "tokens/s", "1.4.6");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fly | Unmatched argument",
        "train --bogus | Unknown option",
        "bench --blocks 0 | --blocks is 0",
        "bench --systems 1.4.9 | system '1.4.9' is not known",
        "quickstart --device cpu --dtype bf16 | dtype is bf16",
        "bench --entries 1000 | knowledge_num",
        "bench --device cpu --dtype bf16 | dtype is bf16",
        "bench --entries 16 | num_selected",
        "bench --dim 30 | multiple of n_heads",
        "quickstart --steps 0 | --steps is 0",
        "facts | no command given",
        "facts generate --people 0 | people is 0",
        "train | no FILE given, and there is no merged_pretrain.jsonl",
        "train --set data.files.0=nofile.jsonl | nofile.jsonl: no such file",
        "study ../examples/studies/tiny.yaml --device cuda:9 | device 'cuda:9' cannot be used",
        "train --set model.dimm=32 nofile.jsonl | did you mean 'dim'?",
        "train --set model.dim=wide nofile.jsonl | found \"wide\", expected a whole number",
        "train --set dim=32 nofile.jsonl | expected part.key=value",
        "train --config nowhere.json | nowhere.json: no such file",
        "generate nowhere | nowhere",
        "eval nowhere nofile.jsonl | no",
        "eval nowhere | expected",
        "eval pom.xml | pom.xml: is a file, expected a checkpoint or run folder",
        "eval src | src: no model is here, expected a checkpoint or run folder",
        "eval src --documents 2 | src: no model is here",
        "eval nowhere --prompts nofile.txt | nofile.txt",
        "eval nowhere nofile.jsonl --generations -1 | --generations is -1",
        "memory nowhere nofile.jsonl | no",
        "memory | Missing required parameters: 'CHECKPOINT', 'FILE'",
        "memory export nowhere | Missing required option: '--out=FILE'",
        "memory export nowhere --out x | nowhere",
        "memory trace nowhere --prompt x --entries 0 | --entries is 0",
        "memory edit nowhere --entry 1 --text x --prompt y | nowhere",
      })
  void refusesWhatCannotBe(String arguments, String message) {
    mneme(arguments.split(" ")).isRefused(message);
  }

  @Test
  void refusesADeviceThatIsNotThere() {
    mneme("generate", tokenRun.toString(), "--device", "cuda:7").isRefused("cuda:7", "cpu");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "empty.jsonl | '' | empty.jsonl",
        "broken.jsonl | '{\"text\": \"a\"}\n{\"text\": oops}' | broken.jsonl, line 2: not JSON",
        "other.jsonl | '{\"text\": \"a\"}\n{\"txt\": \"a\"}' | other.jsonl, line 2: no field",
        "number.jsonl | '{\"text\": 3}' | number.jsonl, line 1: field",
      })
  void refusesBadText(String name, String content, String where) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, content.replace("\\n", "\n"));
    mneme("eval", tokenRun.toString(), file.toString()).isRefused(where);
  }

  @Test
  void refusesTextThatIsNotUtf8() throws IOException {
    Path file = directory.resolve("latin1.jsonl");
    Files.write(file, "{\"text\": \"caf\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    mneme("eval", tokenRun.toString(), file.toString())
        .isRefused("latin1.jsonl, line 1: not UTF-8");
  }

  /** What a path names that cannot be written is no fault of the program. */
  @Test
  void refusesToWriteBelowAFile() {
    String below = text.resolve("below").toString();
    mneme("facts", "generate", "--people", "2", "--out", below).isRefused(text.toString());
    mneme("report", tokenRun.toString(), "--out", below).isRefused(text.toString());
    mneme("train", text.toString(), "--runs", below).isRefused(text.toString());
  }

  @Test
  void refusesAFolderWithoutAModel() {
    mneme("generate", directory.toString())
        .isRefused(directory + ": no model is here, expected a checkpoint or run folder");
  }

  @Test
  void leavesNoRunBehindWhenTheTextIsMissing() {
    Path runs = directory.resolve("no-runs");
    mneme("train", directory.resolve("missing.jsonl").toString(), "--runs", runs.toString())
        .isRefused("missing.jsonl");
    assertThat(runs).doesNotExist();
  }

  @Test
  void refusesATruncatedCheckpoint() throws IOException {
    Path copy = Files.createDirectories(directory.resolve("truncated"));
    for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(RunFolder.checkpointOf(tokenRun).resolve(file), copy.resolve(file));
    }
    Path tensors = copy.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    Files.write(tensors, Arrays.copyOf(bytes, bytes.length / 2));
    mneme("generate", copy.toString()).isRefused("model.safetensors");
  }

  @Test
  void printsTheStackTraceWhenAsked() {
    Result result = mneme("--stack-trace", "generate", "nowhere");
    assertThat(result.exitCode).isEqualTo(2);
    assertThat(result.err).contains("nowhere", "\tat org.mneme");
  }
}
