// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.facts.FactsConfig;
import org.mneme.eval.generate.GenerationEvaluator;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import org.mneme.examples.experiment.EvaluationParts;
import org.mneme.examples.experiment.EvaluationPlan;
import org.mneme.examples.experiment.HeldOut;
import org.mneme.examples.study.StudyFolder;
import org.mneme.model.io.FileFault;
import org.mneme.model.io.Utf8File;
import org.mneme.train.config.ExperimentConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures a model: its loss, what it writes, what it recalls, and all that without its memory. */
@Command(
    name = "eval",
    description =
        "Measure a checkpoint: loss, generated text, facts, its memory's use, and what is left"
            + " with all reads set to zero. For a run folder, evaluation.json is written there.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class EvalCommand implements Callable<Integer> {
  private static final int MOST_PROMPT_BYTES = 64 << 20;

  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;
  @Mixin private TextOption text;

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description = "Checkpoint directory or run folder.")
  private Path checkpoint;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "JSONL file with a text field (default: what the run held out).")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "JSON",
      description = "File for what is measured (default: evaluation.json of the run).")
  private Path written;

  @Option(names = "--batch", description = "Sequences of a batch.")
  private int batch = 16;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "Beginnings to continue, one a line (default: those of the run, or the first words of"
              + " documents).")
  private Path prompts;

  @Option(names = "--generations", description = "Texts after each prompt; 0 for none.")
  private int generations = EvaluationPlan.TEXTS_PER_PROMPT;

  @Option(names = "--max-tokens", description = "Most tokens of a text.")
  private int maxTokens = GenerationEvaluator.SAMPLING.maxTokens();

  @Option(names = "--seed", description = "Seed of the texts that are written after the prompts.")
  private long seed = GenerationEvaluator.SAMPLING.seed();

  @Option(
      names = "--facts",
      paramLabel = "DIR",
      description = "Ask for the facts of this folder or file (default: those of the run).")
  private Path facts;

  @Option(names = "--fact-people", description = "Ask of so many persons; 0 for all.")
  private int people = FactsConfig.DEFAULT.people();

  @Option(
      names = "--candidates",
      description = "Rank the right answer among so many, itself included.")
  private int candidates = FactsConfig.DEFAULT.candidates();

  @Override
  public Integer call() throws IOException {
    Arguments.atLeast(spec, "--batch", batch, 1);
    Arguments.atLeast(spec, "--generations", generations, 0);
    Optional<Long> limit = text.limit(spec);
    Optional<Texts> texts = Optional.ofNullable(file).map(path -> text.of(spec, path));
    RunFolder folder = new RunFolder(checkpoint);
    Optional<RunConfig> run =
        Files.exists(folder.metrics())
            ? Optional.of(RunConfig.readOfRun(folder.config()))
            : Optional.empty();
    Optional<StudyFolder> study =
        texts.isPresent() ? Optional.empty() : run.flatMap(of -> StudyFolder.of(folder, of));
    boolean heldOut = study.isPresent() || run.map(EvalCommand::hasText).orElse(false);
    if (texts.isEmpty() && !heldOut) {
      requireOtherWork(limit);
    }
    EvaluationPlan plan = plan(run);
    PrintWriter out = spec.commandLine().getOut();
    Optional<Path> kept = kept(folder, run);
    Optional<Evaluation> before = before(kept);
    if (limit.isPresent()) {
      before.ifPresent(measured -> requireNoOtherText(measured, limit.get()));
    }
    try (OpenedModel opened = OpenedModel.open(device, precision, checkpoint)) {
      EvaluationParts parts =
          new EvaluationParts(
              evaluation(opened), measured -> kept.ifPresent(at -> write(measured, before, at)));
      addParts(parts, opened, texts, run, study, plan);
      Evaluation evaluation = parts.measure();
      EvaluationPrinter.print(out, evaluation, opened.model().memory());
      kept.ifPresent(at -> out.printf("%nwritten to %s%n", at));
      if (kept.isEmpty() && run.isPresent()) {
        out.printf(
            "%nnot written to %s: %s what the run held out ('--out' writes elsewhere)%n",
            folder.root().resolve(Evaluation.FILE),
            file == null ? "--documents measures a part of" : "FILE is not");
      }
      out.flush();
      EvaluationParts.requireComplete(evaluation, Arguments.line(spec));
    }
    return 0;
  }

  /** Figures of another text, or of a part of the text, never become those of the run. */
  private Optional<Path> kept(RunFolder folder, Optional<RunConfig> run) {
    if (written != null) {
      return Optional.of(written);
    }
    return run.isPresent() && file == null && text.limit(spec).isEmpty()
        ? Optional.of(folder.root().resolve(Evaluation.FILE))
        : Optional.empty();
  }

  /** What was measured before, read before anything is measured that it could refuse to hold. */
  private static Optional<Evaluation> before(Optional<Path> file) {
    return file.filter(Files::exists).map(Evaluation::read);
  }

  /** Refuses to replace the loss on a whole text, or on another part of it, in a file. */
  private void requireNoOtherText(Evaluation before, long limit) {
    if (before.text() != null && !before.text().source().endsWith(HeldOut.first(limit))) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "%s: holds the loss on %d tokens (%s), expected a file without one, or with that of"
                  + " --documents %d. Choose another file for --out",
              written,
              before.text().tokens(),
              before.text().source(),
              limit));
    }
  }

  /** Keeps what was measured before of the same checkpoint, and not now. */
  private static void write(Evaluation now, Optional<Evaluation> before, Path file) {
    try {
      before.map(now::orElse).orElse(now).write(file);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
  }

  private static boolean hasText(RunConfig run) {
    return !run.data().files().isEmpty();
  }

  private void requireOtherWork(Optional<Long> limit) {
    if (prompts == null && facts == null) {
      OpenedModel.checkpoint(checkpoint);
    }
    if (limit.isPresent()) {
      throw new ParameterException(
          spec.commandLine(),
          checkpoint + ": no text is known that --documents is of, expected a FILE");
    }
    if (facts == null && prompts == null) {
      throw new ParameterException(
          spec.commandLine(),
          checkpoint
              + ": no run folder of a training on files (a program can train on documents of its"
              + " own), so a FILE, --prompts or --facts is expected");
    }
  }

  private static List<String> lines(Path file) {
    String text = Utf8File.read(file, MOST_PROMPT_BYTES);
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private EvaluationPlan plan(Optional<RunConfig> run) {
    List<String> given =
        prompts != null
            ? lines(prompts)
            : run.map(RunConfig::experiment).map(ExperimentConfig::prompts).orElse(List.of());
    SamplingConfig sampling =
        GenerationEvaluator.SAMPLING.toBuilder().maxTokens(maxTokens).seed(seed).build();
    FactsConfig asked = new FactsConfig(people, candidates);
    EvaluationPlan plan = EvaluationPlan.of(given).writing(generations, sampling);
    if (facts != null) {
      return plan.withFacts(facts, asked);
    }
    String own = run.map(RunConfig::experiment).map(ExperimentConfig::facts).orElse("");
    return own.isEmpty() ? plan : plan.withFacts(Path.of(own), asked);
  }

  private static Evaluation.Builder evaluation(OpenedModel opened) {
    Evaluation.Builder evaluation =
        Evaluation.of(opened.model(), opened.checkpoint().getFileName().toString());
    opened.steps().ifPresent(evaluation::step);
    return evaluation;
  }

  private void addParts(
      EvaluationParts parts,
      OpenedModel opened,
      Optional<Texts> texts,
      Optional<RunConfig> run,
      Optional<StudyFolder> study,
      EvaluationPlan plan) {
    EvaluatedText looked = look(opened, texts, run, study);
    looked.measure().ifPresent(text -> parts.add(Evaluation.TEXT, part -> part.text(text.get())));
    plan.orPrompts(looked.prompts()).addTo(parts, opened.model(), opened.tokenizer());
    if (run.isPresent()) {
      Path metrics = new RunFolder(checkpoint).metrics();
      parts.add("usage_over_time", part -> part.usageOverTime(MemoryUse.history(metrics)));
    }
  }

  private EvaluatedText look(
      OpenedModel opened,
      Optional<Texts> texts,
      Optional<RunConfig> run,
      Optional<StudyFolder> study) {
    if (texts.isPresent()) {
      return EvaluatedText.of(opened, texts.get(), batch, text.limit(spec));
    }
    return run.filter(config -> study.isPresent() || hasText(config))
        .map(
            config ->
                EvaluatedText.heldOut(
                    opened, new RunFolder(checkpoint), config, study, text.limit(spec)))
        .orElse(EvaluatedText.NONE);
  }
}
