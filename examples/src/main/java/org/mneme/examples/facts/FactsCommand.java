// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.facts;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What can be done with facts. */
@Command(
    name = "facts",
    description = "Make synthetic biographies, whose facts 'eval --facts' asks for.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = GenerateFactsCommand.class)
public final class FactsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given, expected 'generate'");
  }
}
