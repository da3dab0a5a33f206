// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.driver;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the libraries of CUDA in the folders where they usually are. */
public final class CudaLibraries {
  private static final List<String> SYSTEM_FOLDERS =
      List.of(
          "usr/local/nvidia/lib64",
          "usr/lib/x86_64-linux-gnu",
          "usr/lib/aarch64-linux-gnu",
          "usr/lib64",
          "usr/lib",
          "usr/lib/wsl/lib",
          "usr/local/lib");
  private static final List<String> TOOLKIT_FOLDERS =
      List.of(
          "lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib", "bin/x64", "bin");
  private static final List<String> TOOLKIT_VARIABLES = List.of("CUDA_PATH", "CUDA_HOME");
  private static final List<String> PATH_VARIABLES = List.of("LD_LIBRARY_PATH", "PATH");

  private final Set<Path> folders = new LinkedHashSet<>();
  private final boolean windows;

  /**
   * Looks in a system's folders.
   *
   * @param root of the file system
   * @param libraryPath where Java looks for libraries
   * @param windows whether libraries have Windows' names
   */
  public CudaLibraries(
      Path root, Map<String, String> environment, String libraryPath, boolean windows) {
    this.windows = windows;
    addPath(libraryPath);
    addPath(environment.get(PATH_VARIABLES.get(windows ? 1 : 0)));
    for (String variable : TOOLKIT_VARIABLES) {
      String toolkit = environment.get(variable);
      if (toolkit != null && !toolkit.isEmpty()) {
        addToolkit(root.resolve(toolkit));
      }
    }
    toolkits(root.resolve("usr/local")).forEach(this::addToolkit);
    SYSTEM_FOLDERS.forEach(folder -> add(root.resolve(folder)));
  }

  /**
   * Looks in the folders of the system that this runs on.
   *
   * @param platform JavaCPP's name of it, such as {@code linux-x86_64}
   */
  public static CudaLibraries ofThisMachine(String platform) {
    return new CudaLibraries(
        Path.of("/"),
        System.getenv(),
        System.getProperty("java.library.path"),
        platform.startsWith("windows"));
  }

  private void addPath(String path) {
    if (path != null) {
      for (String folder : path.split(File.pathSeparator, -1)) {
        if (!folder.isEmpty()) {
          try {
            add(Path.of(folder));
          } catch (InvalidPathException e) {
            // Not the name of a folder, so there is no library in it either.
          }
        }
      }
    }
  }

  private void addToolkit(Path toolkit) {
    TOOLKIT_FOLDERS.forEach(folder -> add(toolkit.resolve(folder)));
  }

  private void add(Path folder) {
    if (Files.isDirectory(folder)) {
      folders.add(folder);
    }
  }

  /** The folders of installed toolkits: the one in use, then the others, newest first. */
  private static List<Path> toolkits(Path folder) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.list(folder)) {
        entries
            .filter(entry -> entry.getFileName().toString().startsWith("cuda-13"))
            .sorted((a, b) -> b.compareTo(a))
            .forEach(found::add);
      } catch (IOException e) {
        // A folder that cannot be read has no library for us.
      }
    }
    found.add(0, folder.resolve("cuda"));
    return found;
  }

  /** The folders that there are, in the order in which they are looked at. */
  public List<Path> folders() {
    return List.copyOf(folders);
  }

  /** The file of a library. */
  public Optional<Path> find(CudaLibrary library) {
    String name = library.fileName(windows);
    return folders.stream().map(folder -> folder.resolve(name)).filter(Files::exists).findFirst();
  }

  /** The files of what NVRTC brings along: it looks for them by name, not where it lies. */
  public List<Path> compilerParts() {
    Optional<Path> compiler = find(CudaLibrary.NVRTC);
    if (compiler.isEmpty()) {
      return List.of();
    }
    String prefix = windows ? "nvrtc-builtins64_13" : "libnvrtc-builtins.so.13.";
    try (Stream<Path> files = Files.list(compiler.get().getParent())) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The name by which the system's loader knows a library. */
  public String name(CudaLibrary library) {
    return library.fileName(windows);
  }
}
