// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.mneme.eval.inspect.EntryInspection;
import org.mneme.eval.inspect.EntryToken;
import org.mneme.eval.inspect.InspectionConfig;
import org.mneme.eval.inspect.MemoryInspection;
import org.mneme.eval.inspect.MemoryInspector;
import org.mneme.eval.inspect.MemorySnapshot;
import org.mneme.eval.inspect.SelectionContext;
import org.mneme.eval.report.markup.VisibleText;
import org.mneme.examples.Arguments;
import org.mneme.examples.DeviceOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints memory entries, what they hold and where they are chosen. */
@Command(
    name = "show",
    description = "Print the most used memory entries on a file, and where they are chosen.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MemoryShowCommand implements Runnable {
  private static final InspectionConfig DEFAULTS = InspectionConfig.DEFAULT;

  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;
  @Mixin private ModelAndText text;

  @Option(names = "--entries", description = "How many of the most used entries.")
  private int entries = DEFAULTS.entries();

  @Option(names = "--entry", description = "Print these entries instead; can be repeated.")
  private List<Integer> chosen = List.of();

  @Option(names = "--contexts", description = "Places printed for each entry.")
  private int contexts = DEFAULTS.contexts();

  @Option(
      names = "--since",
      paramLabel = "FILE",
      description = "A memory_bank in safetensors, to show what changed since.")
  private Path since;

  @Override
  public void run() {
    Arguments.atLeast(spec, "--entries", entries, 1);
    Arguments.atLeast(spec, "--contexts", contexts, 0);
    Texts texts = text.texts(spec);
    try (OpenedModel opened = text.open(device);
        MemorySnapshot snapshot =
            since == null
                ? null
                : MemorySnapshot.open(since, opened.model().config().vocabSize())) {
      MemoryInspector inspector = new MemoryInspector(opened.model(), opened.tokenizer(), config());
      Optional<MemorySnapshot> initial = Optional.ofNullable(snapshot);
      MemoryInspection inspection =
          chosen.isEmpty()
              ? inspector.mostUsed(texts, initial)
              : inspector.entries(chosen, texts, initial);
      PrintWriter out = spec.commandLine().getOut();
      inspection.entries().forEach(entry -> print(out, entry));
      out.flush();
    }
  }

  private InspectionConfig config() {
    return new InspectionConfig(
        entries,
        contexts,
        DEFAULTS.contextTokens(),
        DEFAULTS.nearestTokens(),
        DEFAULTS.batchSize());
  }

  private static String initialText(EntryInspection entry) {
    return entry.tokens().stream().map(EntryToken::initial).collect(Collectors.joining());
  }

  private static void print(PrintWriter out, EntryInspection entry) {
    out.printf(
        Locale.ROOT,
        "entry %,d: used %,d times, %,d in the first slot%n",
        entry.entry(),
        entry.uses(),
        entry.firstUses());
    if (!entry.tokens().isEmpty()) {
      out.printf("  text   %s%n", VisibleText.of(entry.text()));
      if (entry.changedTokens() > 0) {
        out.printf("  before %s%n", VisibleText.of(initialText(entry)));
      }
    } else if (!entry.nearestTokens().isEmpty()) {
      out.printf("  near   %s%n", VisibleText.of(String.join(" | ", entry.nearestTokens())));
    }
    for (SelectionContext context : entry.contexts()) {
      out.printf(
          Locale.ROOT,
          "  layer %d, weight %.2f: %s%n",
          context.layer(),
          context.weight(),
          VisibleText.of(context.marked()));
    }
  }
}
