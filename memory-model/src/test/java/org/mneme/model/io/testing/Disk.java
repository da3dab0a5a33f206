// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a disk holds next to what the file system shows: the bytes of a file as they were last
 * forced, and the names in a directory as they were when that directory was last forced.
 */
final class Disk {
  /** What is left of changes that were not forced when the power fails. */
  enum Loss {
    /** Nothing: files have their last forced bytes and directories their last forced names. */
    ALL,
    /** The names, as a journal of metadata keeps them; files have their last forced bytes. */
    CONTENTS
  }

  private static final class Node {
    private final boolean directory;
    private Map<String, Node> names = new TreeMap<>();
    private Map<String, Node> forcedNames = new TreeMap<>();
    private byte[] forced = new byte[0];

    Node(boolean directory) {
      this.directory = directory;
    }
  }

  private final Node root = new Node(true);

  private static List<String> parts(Path path) {
    List<String> parts = new ArrayList<>();
    path.toAbsolutePath().normalize().forEach(part -> parts.add(part.toString()));
    return parts;
  }

  private Node find(Path path) {
    Node node = root;
    for (String part : parts(path)) {
      node = node == null ? null : node.names.get(part);
    }
    return node;
  }

  private Node parent(Path path) {
    return find(path.toAbsolutePath().normalize().getParent());
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  void created(Path path, boolean directory) {
    parent(path).names.putIfAbsent(name(path), new Node(directory));
  }

  void deleted(Path path) {
    parent(path).names.remove(name(path));
  }

  void moved(Path from, Path to) {
    parent(to).names.put(name(to), parent(from).names.remove(name(from)));
  }

  void forced(Path path, byte[] contents) {
    Node node = find(path);
    if (node == null) {
      return; // a deleted file that is still open
    }
    if (node.directory) {
      node.forcedNames = new TreeMap<>(node.names);
    } else {
      node.forced = contents;
    }
  }

  /** Takes all that is in a file system for forced. */
  void adopt(Path liveRoot) throws IOException {
    adopt(root, liveRoot);
  }

  private static void adopt(Node node, Path live) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(live)) {
      for (Path child : children) {
        Node found = new Node(Files.isDirectory(child));
        node.names.put(child.getFileName().toString(), found);
        if (found.directory) {
          adopt(found, child);
        } else {
          found.forced = Files.readAllBytes(child);
        }
      }
    }
    node.forcedNames = new TreeMap<>(node.names);
  }

  /** Writes what is left after a loss of power into an empty file system. */
  void restore(Path newRoot, Loss loss) throws IOException {
    restore(root, newRoot, loss);
  }

  private static void restore(Node node, Path target, Loss loss) throws IOException {
    Map<String, Node> names = new HashMap<>(loss == Loss.ALL ? node.forcedNames : node.names);
    for (Map.Entry<String, Node> entry : names.entrySet()) {
      Path path = target.resolve(entry.getKey());
      if (entry.getValue().directory) {
        Files.createDirectories(path);
        restore(entry.getValue(), path, loss);
      } else {
        Files.write(path, entry.getValue().forced);
      }
    }
  }
}
