// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.facts;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mneme.eval.facts.Biographies;
import org.mneme.eval.facts.BiographyConfig;
import org.mneme.eval.facts.FactFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes biographies and questions about them. */
@Command(
    name = "generate",
    description = "Write biographies.jsonl to train on and facts.jsonl with questions about them.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class GenerateFactsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--people", description = "Persons.")
  private int people = 1000;

  @Option(names = "--exposures", description = "Documents about each person.")
  private int exposures = 20;

  @Option(names = "--seed", description = "Seed of names, values and words.")
  private long seed = 1;

  @Option(names = "--out", paramLabel = "DIR", description = "Folder for the files.")
  private Path out = Path.of("facts");

  @Override
  public Integer call() {
    Biographies biographies = new Biographies(new BiographyConfig(people, exposures, seed));
    FactFiles files = new FactFiles(out);
    files.write(biographies);
    PrintWriter writer = spec.commandLine().getOut();
    writer.printf(
        Locale.ROOT,
        "%,d people, %.1f bits each, %,.0f bits in all; %,d documents%n",
        people,
        biographies.bitsPerPerson(),
        people * biographies.bitsPerPerson(),
        (long) people * exposures);
    writer.printf("train on  %s%n", files.biographies());
    writer.printf("ask for   %s%n", files.facts());
    writer.flush();
    return 0;
  }
}
