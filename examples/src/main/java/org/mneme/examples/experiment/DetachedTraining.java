// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.mneme.compute.UserException;
import org.mneme.examples.Arguments;
import org.mneme.examples.Mneme;
import org.mneme.train.folder.FolderLock;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.folder.RunLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a training in the background: a process of its own, in a session of its own, so that
 * closing the terminal does not end it, with all that it prints in {@code run.log}.
 */
final class DetachedTraining {
  private static final Logger LOG = LoggerFactory.getLogger(DetachedTraining.class);
  private static final int POLL_MILLISECONDS = 100;
  private static final int LAST_LINES = 40;

  private final RunFolder folder;
  private final List<String> arguments;
  private final PrintWriter out;

  /**
   * A training in the background.
   *
   * @param folder for its files; it exists
   * @param arguments of the command that trains in the foreground
   */
  DetachedTraining(RunFolder folder, List<String> arguments, PrintWriter out) {
    this.folder = folder;
    this.arguments = arguments;
    this.out = out;
  }

  /**
   * Starts it, waits until its checks are passed and prints how to watch and how to stop it.
   *
   * @return 0, or the exit code of a training that ended before
   * @throws UserException if a training of this folder runs already
   */
  int start() throws IOException {
    boolean isNew = isEmpty(folder.root());
    prepare();
    ProcessBuilder builder =
        new ProcessBuilder(command())
            .redirectInput(ProcessBuilder.Redirect.from(nothing()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()));
    // What it says is among the flags of this process, which the other one gets.
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Process process = builder.start();
    if (!awaitBegin(process)) {
      printEndOfLog();
      if (isNew && folder.isUnused()) {
        remove();
      }
      return process.exitValue();
    }
    out.printf(
        Locale.ROOT, "%s: trains in the background, process %d%n", folder.root(), process.pid());
    out.printf("watch: tail -f %s%n", Arguments.quoted(folder.log().toString()));
    out.printf("       tail -f %s%n", Arguments.quoted(folder.metrics().toString()));
    out.printf(
        Locale.ROOT, "stop:  kill -TERM %d    # it finishes its step and saves%n", process.pid());
    out.flush();
    return 0;
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  /** Refuses a folder in use, and removes the number of a training that was killed. */
  private void prepare() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      Files.deleteIfExists(lock.folder().pid());
    }
  }

  /** Removes the folder of a training that did not start, unless it has left anything in it. */
  private void remove() throws IOException {
    try (FolderLock lock = FolderLock.acquire(folder.root())) {
      Files.deleteIfExists(folder.log());
      lock.deleteFile();
      Files.delete(folder.root());
    } catch (DirectoryNotEmptyException e) {
      LOG.debug("{}: something is left there", folder.root());
    }
  }

  private static File nothing() {
    return new File(File.separatorChar == '/' ? "/dev/null" : "NUL");
  }

  /** The same Java with the same flags, in a session of its own where the system has a command. */
  private List<String> command() {
    List<String> command = new ArrayList<>();
    sessionCommand().ifPresent(command::add);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Mneme.class.getName()));
    command.addAll(arguments);
    return command;
  }

  /** setsid begins a session; nohup, which POSIX has, at least survives the end of this one. */
  private static Optional<String> sessionCommand() {
    String[] folders = System.getenv().getOrDefault("PATH", "").split(File.pathSeparator);
    return List.of("setsid", "nohup").stream()
        .filter(
            name ->
                Arrays.stream(folders).anyMatch(path -> Files.isExecutable(Path.of(path, name))))
        .findFirst();
  }

  /** Returns whether it passed its checks, after which it writes its number. */
  private boolean awaitBegin(Process process) {
    try {
      while (folder.process().filter(process.toHandle()::equals).isEmpty()) {
        if (process.waitFor(POLL_MILLISECONDS, TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new UserException("interrupted before the training began", e);
    }
  }

  private void printEndOfLog() throws IOException {
    // A library may have printed bytes that are not UTF-8.
    String text = new String(Files.readAllBytes(folder.log()), StandardCharsets.UTF_8);
    List<String> log = text.lines().toList();
    log.subList(Math.max(0, log.size() - LAST_LINES), log.size()).forEach(out::println);
    out.flush();
  }
}
