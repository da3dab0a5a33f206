// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.knowledge.EffectConfig;
import org.mneme.eval.knowledge.EntryEdit;
import org.mneme.eval.knowledge.EntryEditor;
import org.mneme.eval.knowledge.EntryEffect;
import org.mneme.eval.knowledge.TokenProbability;
import org.mneme.eval.report.markup.VisibleText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Changes an entry and prints what the model makes of it. */
@Command(
    name = "edit",
    description = "Change an entry, print the effect on a prompt, and save the model if asked.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class MemoryEditCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ModelOption model;

  @Option(
      names = "--entry",
      paramLabel = "N",
      description = "Entry to change; with --context that of its longest context by default.")
  private Integer entry;

  @Option(
      names = "--context",
      paramLabel = "TEXT",
      description =
          "Text after which the entry is read, in a memory that is addressed by text: the entry"
              + " belongs to its last tokens from then on. A blank at its start matters, unless the"
              + " prompt ends with it. Without it an empty entry is given to the last place at which"
              + " the prompt addresses it.")
  private String context;

  @Option(names = "--text", required = true, description = "What it is to hold.")
  private String text;

  @Option(names = "--prompt", required = true, description = "Text to continue.")
  private String prompt;

  @Option(names = "--next", paramLabel = "N", description = "How many next tokens to print.")
  private int next = EffectConfig.DEFAULT.nextTokens();

  @Option(names = "--max-tokens", description = "Most tokens of the continuations.")
  private int maxTokens = EffectConfig.DEFAULT.sampling().maxTokens();

  @Option(
      names = "--save",
      paramLabel = "DIR",
      description = "Checkpoint to write with the entry changed; must not be there yet.")
  private Path save;

  @Override
  public void run() {
    if (entry == null && context == null) {
      throw new ParameterException(
          spec.commandLine(), "Missing required option: expected --entry=N or --context=TEXT");
    }
    PrintWriter out = spec.commandLine().getOut();
    EffectConfig config = new EffectConfig(next, SamplingConfig.greedy(maxTokens));
    try (OpenedModel opened = model.open()) {
      if (save != null) {
        OpenedModel.requireNew(save);
      }
      EntryEditor editor = new EntryEditor(opened.model(), opened.tokenizer());
      EntryEdit edit =
          context == null
              ? editor.edit(entry, text, prompt)
              : editor.edit(
                  entry == null ? OptionalInt.empty() : OptionalInt.of(entry),
                  text,
                  context,
                  prompt);
      EntryEffect effect = editor.effect(edit, prompt, config);
      print(out, edit, effect);
      if (save != null) {
        editor.set(edit);
        opened.saveTo(save);
        out.println("checkpoint " + save);
        if (effect.changesNothing()) {
          out.println("  the entry is changed in it, but nothing changes after this prompt");
        }
      }
      out.flush();
    }
  }

  private void print(PrintWriter out, EntryEdit edit, EntryEffect effect) {
    out.printf(Locale.ROOT, "entry %d%n", effect.entry());
    if (!edit.context().isEmpty()) {
      String tokens =
          edit.context().stream().map(MemoryEditCommand::quoted).collect(Collectors.joining(" "));
      out.printf("  read after the tokens %s%n", tokens);
    }
    out.printf("  before %s%n", VisibleText.of(effect.textBefore()));
    out.printf("  after  %s%n", VisibleText.of(effect.textAfter()));
    if (effect.isCut()) {
      out.println("  the text is longer than the entry and was cut");
    }
    printPlaces(out, effect);
    out.printf(Locale.ROOT, "next token, KL(before ‖ after) %.2e nats%n", effect.divergence());
    for (TokenProbability token : effect.next()) {
      double before = 100 * token.before();
      double after = 100 * token.after();
      String text = quoted(token.text());
      out.printf(Locale.ROOT, "  %8.4f %% → %8.4f %%  %s%n", before, after, text);
    }
    out.println("continuation");
    out.printf(
        "  before %s%s%n", VisibleText.of(prompt), VisibleText.of(effect.continuationBefore()));
    out.printf(
        "  after  %s%s%n", VisibleText.of(prompt), VisibleText.of(effect.continuationAfter()));
  }

  private void printPlaces(PrintWriter out, EntryEffect effect) {
    if (effect.placesBefore().isEmpty() && effect.placesAfter().isEmpty()) {
      out.println("selected nowhere in the prompt: the edit changes nothing there");
      out.println("  ('memory trace' prints the entries that a prompt selects)");
      if (context != null && !prompt.endsWith(context)) {
        out.println(
            "  the prompt does not end with the context: a word with a blank before it is another"
                + " token than one without");
      }
    } else if (effect.placesBefore().equals(effect.placesAfter())) {
      out.println("selected at");
      Places.print(out, effect.placesBefore());
    } else {
      out.println("selected before at");
      Places.print(out, effect.placesBefore());
      out.println("selected after at");
      Places.print(out, effect.placesAfter());
    }
  }

  private static String quoted(String token) {
    return "\"" + VisibleText.of(token).replace("\n", "\\n") + "\"";
  }
}
