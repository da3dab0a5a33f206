// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.mneme.compute.UserException;
import org.mneme.eval.Evaluation;
import org.mneme.eval.MemoryUse;
import org.mneme.eval.facts.FactsConfig;
import org.mneme.eval.generate.GenerationEvaluator;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import org.mneme.examples.PrecisionOption;
import org.mneme.examples.experiment.EvaluationPlan;
import org.mneme.examples.study.StudyFolder;
import org.mneme.train.RunFolder;
import org.mneme.train.config.ExperimentConfig;
import org.mneme.train.config.RunConfig;
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

  @Option(names = "--seed", description = "Seed of the first text after each prompt.")
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
    Optional<Texts> texts = Optional.ofNullable(file).map(path -> text.of(spec, path));
    RunFolder folder = new RunFolder(checkpoint);
    Optional<RunConfig> run =
        Files.exists(folder.metrics())
            ? Optional.of(RunConfig.read(folder.config()))
            : Optional.empty();
    Optional<StudyFolder> study =
        texts.isPresent() ? Optional.empty() : run.flatMap(of -> StudyFolder.of(folder, of));
    boolean heldOut = study.isPresent() || run.map(EvalCommand::hasText).orElse(false);
    if (texts.isEmpty() && !heldOut) {
      requireOtherWork();
    }
    EvaluationPlan plan = plan(run);
    PrintWriter out = spec.commandLine().getOut();
    try (OpenedModel opened = OpenedModel.open(device, precision, checkpoint)) {
      Evaluation evaluation = evaluate(opened, texts, run, study, plan);
      EvaluationPrinter.print(out, evaluation, opened.model().memory());
      if (run.isPresent()) {
        Path written = folder.root().resolve(Evaluation.FILE);
        complete(evaluation, written).write(written);
        out.printf("%nwritten to %s%n", written);
      }
      out.flush();
    }
    return 0;
  }

  private static boolean hasText(RunConfig run) {
    return !run.data().files().isEmpty();
  }

  private void requireOtherWork() {
    if (facts == null && prompts == null) {
      throw new ParameterException(
          spec.commandLine(),
          checkpoint
              + ": no run folder of a training on files, so a FILE, --prompts or --facts is"
              + " expected");
    }
  }

  /** With what was measured before of the same checkpoint, and not now. */
  private static Evaluation complete(Evaluation now, Path before) {
    return Files.exists(before) ? now.orElse(Evaluation.read(before)) : now;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e, e);
    }
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

  private Evaluation evaluate(
      OpenedModel opened,
      Optional<Texts> texts,
      Optional<RunConfig> run,
      Optional<StudyFolder> study,
      EvaluationPlan plan) {
    Evaluation.Builder evaluation =
        Evaluation.of(opened.model(), opened.checkpoint().getFileName().toString());
    opened.steps().ifPresent(evaluation::step);
    EvaluatedText looked = look(opened, texts, run, study);
    looked.evaluation().ifPresent(evaluation::text);
    plan.orPrompts(looked.prompts()).ask(opened.model(), opened.tokenizer(), evaluation);
    if (run.isPresent()) {
      evaluation.usageOverTime(MemoryUse.history(new RunFolder(checkpoint).metrics()));
    }
    return evaluation.build();
  }

  private EvaluatedText look(
      OpenedModel opened,
      Optional<Texts> texts,
      Optional<RunConfig> run,
      Optional<StudyFolder> study) {
    if (texts.isPresent()) {
      return EvaluatedText.of(opened, texts.get(), batch);
    }
    return run.filter(config -> study.isPresent() || hasText(config))
        .map(config -> EvaluatedText.heldOut(opened, config, study))
        .orElse(EvaluatedText.NONE);
  }
}
