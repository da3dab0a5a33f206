// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./mneme} in a small source tree, with stand-ins for Maven and Java. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "mneme");

  /** Compiles like Maven: copies sources to the classes, and leaves deleted ones where they are. */
  private static final String MVN =
      """
      #!/usr/bin/env bash
      echo built >>"$PWD/builds.log"
      sleep "${SLOW:-0}"
      for module in core examples; do
        mkdir -p $module/target/classes
        cp $module/src/main/* $module/target/classes/
      done
      mkdir -p examples/target/launcher
      printf '%s' "$PWD/core/target/classes:$PWD/pom.xml" >examples/target/launcher/classpath
      """;

  private static final String JAVA =
      """
      #!/usr/bin/env bash
      if [ "$1" = -version ]; then
        echo 'openjdk version "17.0.1"' >&2
        exit
      fi
      printf '%s\\n' "$@"
      printf 'charmap %s\\n' "$(locale charmap 2>/dev/null || echo UTF-8)"
      """;

  @TempDir Path directory;

  private Path home;
  private Path tools;

  @BeforeEach
  void makeTree() throws IOException {
    home = Files.createDirectories(directory.resolve("a 'tree' $x \"y\""));
    tools = Files.createDirectories(directory.resolve("tools"));
    Files.copy(SCRIPT, home.resolve("mneme"));
    assertThat(home.resolve("mneme").toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    for (String module : List.of("core", "examples")) {
      Path sources = Files.createDirectories(home.resolve(module + "/src/main"));
      Files.writeString(home.resolve(module + "/pom.xml"), "<project/>");
      Files.writeString(sources.resolve("A"), "first");
      Files.writeString(sources.resolve("B"), "first");
    }
    Files.writeString(Files.createDirectories(home.resolve("examples/configs")).resolve("c"), "");
    tool("mvn", MVN);
    tool("java", JAVA);
  }

  private void tool(String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private record Ended(int exitCode, String out) {}

  private Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(home.resolve("mneme").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile());
    Map<String, String> variables = builder.environment();
    variables.keySet().removeAll(List.of("JAVA_HOME", "HOME", "TERM", "LANG", "LC_CTYPE"));
    variables.put("PATH", tools + ":" + variables.get("PATH"));
    variables.put("LC_ALL", "C");
    variables.put("CDPATH", "/tmp:.:/");
    variables.putAll(environment);
    return builder.start();
  }

  private static Ended end(Process process) throws IOException, InterruptedException {
    byte[] out = process.getInputStream().readAllBytes();
    return new Ended(process.waitFor(), new String(out, StandardCharsets.UTF_8));
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    return end(start(Map.of(), arguments));
  }

  private int builds() throws IOException {
    return Files.readAllLines(home.resolve("builds.log")).size();
  }

  /** The classes that a started process has on its class path. */
  private static Path classes(Ended ended) {
    return ended
        .out
        .lines()
        .flatMap(line -> Stream.of(line.split(":")))
        .filter(entry -> entry.endsWith("/classes/core"))
        .map(Path::of)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void runsFromAnyFolderUnderAnyLocale() throws Exception {
    Ended ended = run("train", "a b", "it's", "");
    assertThat(ended.exitCode).as(ended.out).isZero();
    assertThat(ended.out)
        .contains("\norg.mneme.examples.Mneme\ntrain\na b\nit's\n\n")
        .endsWith("charmap UTF-8\n");
    run("again");
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aRebuildLeavesTheClassesOfARunningProcess() throws Exception {
    Path before = classes(run());
    Files.writeString(home.resolve("core/src/main/A"), "second");
    Path after = classes(run());
    assertThat(builds()).isEqualTo(2);
    assertThat(before.resolve("A")).hasContent("first");
    assertThat(after.resolve("A")).hasContent("second");
  }

  @Test
  void noticesWhatIsDeletedOrReplacedByAnOlderFile() throws Exception {
    run();
    Files.delete(home.resolve("core/src/main/B"));
    assertThat(classes(run()).resolve("B")).doesNotExist();
    Path replaced = Files.writeString(home.resolve("core/src/main/A"), "older");
    Files.setLastModifiedTime(replaced, FileTime.from(Instant.EPOCH));
    assertThat(classes(run()).resolve("A")).hasContent("older");
    assertThat(builds()).isEqualTo(3);
  }

  @Test
  void buildsOnceForSeveralThatStartAtATime() throws Exception {
    List<Process> started = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      started.add(start(Map.of("SLOW", "1")));
    }
    for (Process process : started) {
      assertThat(end(process).exitCode).isZero();
    }
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void buildsOnceWithoutFlockAndPastTheLockOfAKilledProcess() throws Exception {
    Path few = Files.createDirectories(directory.resolve("few"));
    for (String name :
        List.of(
            "bash",
            "env",
            "dirname",
            "basename",
            "readlink",
            "sed",
            "head",
            "find",
            "sort",
            "tr",
            "xargs",
            "cksum",
            "cat",
            "date",
            "mkdir",
            "mv",
            "rm",
            "rmdir",
            "cp",
            "touch",
            "diff",
            "ps",
            "sleep",
            "locale",
            "grep")) {
      for (String folder : List.of("/usr/bin/", "/bin/")) {
        if (Files.isExecutable(Path.of(folder + name)) && !Files.exists(few.resolve(name))) {
          Files.createSymbolicLink(few.resolve(name), Path.of(folder + name));
        }
      }
    }
    Path lock = Files.createDirectories(home.resolve(".builds/lock.d"));
    Files.writeString(lock.resolve("pid"), "2147483646\n");
    Map<String, String> environment = Map.of("PATH", tools + ":" + few, "SLOW", "1");
    List<Process> started = List.of(start(environment), start(environment), start(environment));
    for (Process process : started) {
      Ended ended = end(process);
      assertThat(ended.exitCode).as(ended.out).isZero();
    }
    assertThat(builds()).isEqualTo(1);
    assertThat(lock).doesNotExist();
  }

  @Test
  void aFailedBuildLeavesTheOneBefore() throws Exception {
    Path before = classes(run());
    Files.writeString(home.resolve("core/src/main/A"), "broken");
    tool("mvn", "#!/usr/bin/env bash\nexit 1\n");
    Ended failed = run();
    assertThat(failed.exitCode).isEqualTo(2);
    assertThat(failed.out).contains("mneme: the build failed");
    Files.writeString(home.resolve("core/src/main/A"), "first");
    assertThat(classes(run())).isEqualTo(before);
  }

  @Test
  void saysWhatCannotBeWritten() throws Exception {
    Files.writeString(home.resolve(".builds"), "not a folder");
    Ended ended = run();
    assertThat(ended.exitCode).isEqualTo(2);
    assertThat(ended.out).contains("cannot be written, and it is not built yet");
  }

  @Test
  void namesTheLibraryThatCannotBeReadAnyMore() throws Exception {
    run();
    Path gone = home.resolve("library.jar");
    Path build = classes(run()).getParent().getParent();
    Files.writeString(build.resolve("classpath"), build + "/classes/core:" + gone);
    tool("mkdir", "#!/usr/bin/env bash\nexit 1\n"); // as in a tree that cannot be written
    Ended ended = run();
    assertThat(ended.exitCode).isEqualTo(2);
    assertThat(ended.out)
        .contains(home + ": cannot be written, and you cannot read " + gone)
        .contains("copy it to a folder of your own");
  }

  @Test
  void aFirstBuildThatFailsSaysWhatOneNeeds() throws Exception {
    tool("mvn", "#!/usr/bin/env bash\nexit 1\n");
    Ended ended = run();
    assertThat(ended.exitCode).isEqualTo(2);
    assertThat(ended.out).contains("MAVEN_OPTS=-Dmaven.repo.local=FOLDER");
  }

  @Test
  void aBuildLeavesTheInputToTheCommand() throws Exception {
    tool("mvn", MVN + "cat >/dev/null\n");
    tool("java", JAVA + "cat\n");
    Process process = start(Map.of());
    process.getOutputStream().write("a prompt\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    assertThat(end(process).out).endsWith("a prompt\n");
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void keepsABuildThatAProcessUsesWhichCannotBeSeen() throws Exception {
    assumeThat(Path.of("/usr/bin/flock")).isExecutable();
    String locksOnly = "#!/usr/bin/env bash\necho another process\n";
    tool("java", JAVA + "[ -z \"${WAIT:-}\" ] || read -r _\n");
    Path used = classes(run());
    Process running = start(Map.of("WAIT", "yes"));
    running.inputReader().readLine(); // it has started
    tool("cat", locksOnly);
    tool("ps", locksOnly);
    for (String text : List.of("second", "third", "fourth")) {
      if (text.equals("fourth")) {
        running.getOutputStream().close();
        running.waitFor();
      }
      assertThat(used).as(text).exists();
      Path build = used.getParent().getParent();
      Files.writeString(home.resolve("core/src/main/A"), text);
      Files.setLastModifiedTime(build, FileTime.from(Instant.EPOCH));
      run();
    }
    assertThat(used).doesNotExist();
  }

  @Test
  void refusesAFolderThatNoClassPathCanName() throws Exception {
    home = Files.move(home, directory.resolve("a:b"));
    Ended ended = run();
    assertThat(ended.exitCode).isEqualTo(2);
    assertThat(ended.out).contains("the path has a colon");
  }
}
