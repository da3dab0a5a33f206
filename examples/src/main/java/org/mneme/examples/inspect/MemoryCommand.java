// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import java.util.Map;
import java.util.Set;
import java.util.Stack;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** The commands around the entries of a memory; without the name of one it is {@code show}. */
@Command(
    name = "memory",
    description = "Show, trace, export, import or edit memory entries (default: show).",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[show | trace | export | import | edit]",
    preprocessor = MemoryCommand.ShowByDefault.class,
    subcommands = {
      MemoryShowCommand.class,
      MemoryTraceCommand.class,
      MemoryExportCommand.class,
      MemoryImportCommand.class,
      MemoryEditCommand.class
    })
public final class MemoryCommand {

  /** Lets {@code memory CHECKPOINT FILE} mean {@code memory show CHECKPOINT FILE}. */
  static final class ShowByDefault implements IParameterPreprocessor {
    private static final Set<String> ABOUT_THE_GROUP = Set.of("-h", "--help", "-V", "--version");

    @Override
    public boolean preprocess(
        Stack<String> arguments, CommandSpec command, ArgSpec argument, Map<String, Object> info) {
      String next = arguments.isEmpty() ? "" : arguments.peek();
      if (!command.subcommands().containsKey(next) && !ABOUT_THE_GROUP.contains(next)) {
        arguments.push("show");
      }
      return false;
    }
  }
}
