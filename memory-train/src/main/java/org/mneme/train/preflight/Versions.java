// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.mneme.train.config.RunConfig;

/**
 * The versions of what runs.
 *
 * @param mneme of this library; {@code development} where it does not run from jars
 * @param commit of the checkout that it was built in, with {@code +changes} after it if there are
 *     any, or {@code +unknown} if git does not report them; null where there is none
 * @param java of the virtual machine
 * @param libraries the jars of the class path, whose names tell their versions
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Versions(String mneme, String commit, String java, List<String> libraries) {
  /** Copies the list. */
  public Versions {
    libraries = List.copyOf(libraries);
  }

  /** What runs does not change while it runs; asking git takes longer than a small training. */
  private static final Supplier<Versions> FOUND = Suppliers.memoize(Versions::find);

  /** What this program runs with. */
  public static Versions found() {
    return FOUND.get();
  }

  private static Versions find() {
    String version = RunConfig.class.getPackage().getImplementationVersion();
    return new Versions(
        version == null ? "development" : version,
        GitCommit.ofClass(RunConfig.class).orElse(null),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        jars());
  }

  private static List<String> jars() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .map(entry -> Path.of(entry).getFileName().toString())
        .map(name -> name.substring(0, name.length() - ".jar".length()))
        .sorted()
        .distinct()
        .toList();
  }
}
