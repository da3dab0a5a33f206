// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run: a folder with a directory {@code step-0000001234} for each. What has no
 * {@code DONE} counts as not there.
 *
 * @param folder where they are; it need not be there
 */
public record Checkpoints(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String NAME = "step-\\d{10}";

  /** The checkpoint after a step, whether it is there or not. */
  public Checkpoint after(long step) {
    return new Checkpoint(folder.resolve(String.format(Locale.ROOT, "step-%010d", step)));
  }

  /**
   * All that are complete, oldest first.
   *
   * @throws UserException if the folder cannot be read
   */
  public List<Checkpoint> complete() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> path.getFileName().toString().matches(NAME))
          .sorted()
          .map(Checkpoint::new)
          .filter(Checkpoint::isComplete)
          .toList();
    } catch (IOException e) {
      throw FileFault.cannotBe(folder, "read", e);
    }
  }

  /** The newest that is complete. */
  public Optional<Checkpoint> newest() {
    List<Checkpoint> all = complete();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /**
   * The newest whose files are as they were written; damaged ones are named in the log. Empty if
   * nothing was saved yet.
   *
   * @throws UserException if there are damaged ones only
   */
  public Optional<Checkpoint> newestIntact() {
    List<Checkpoint> all = complete();
    UserException newest = null;
    for (int i = all.size() - 1; i >= 0; i--) {
      try {
        all.get(i).verify();
        return Optional.of(all.get(i));
      } catch (UserException e) {
        LOG.warn("{} is skipped: {}", all.get(i).directory(), e.getMessage());
        newest = newest == null ? e : newest;
      }
    }
    if (newest != null) {
      throw new UserException(
          folder
              + ": found damaged checkpoints only, expected an intact one: "
              + newest.getMessage()
              + ". Restore the file, or start a new run",
          newest);
    }
    return Optional.empty();
  }

  /**
   * Renames the checkpoints that are newer than the one a training continues from, so that it
   * neither counts them as its own nor deletes them in a rotation.
   *
   * @throws UserException if one cannot be renamed
   */
  public void setAsideNewerThan(Checkpoint start) {
    List<Checkpoint> all = complete();
    for (Checkpoint damaged : all.subList(all.indexOf(start) + 1, all.size())) {
      try {
        LOG.warn("{} is damaged; it is kept as {}", damaged.directory(), setAside(damaged));
      } catch (IOException e) {
        throw FileFault.cannotBe(damaged.directory(), "renamed", e);
      }
    }
  }

  private static Path setAside(Checkpoint damaged) throws IOException {
    String stem = damaged.directory().getFileName() + ".damaged";
    Path free = damaged.directory().resolveSibling(stem);
    for (int number = 2; Files.exists(free); number++) {
      free = damaged.directory().resolveSibling(stem + "-" + number);
    }
    AtomicFile.move(damaged.directory(), free);
    return free;
  }

  /** The one with the lowest validation loss, the oldest of equal ones. */
  public Optional<Checkpoint> best() {
    return ranked().stream().findFirst();
  }

  private List<Checkpoint> ranked() {
    return complete().stream()
        .map(Ranked::of)
        .filter(ranked -> ranked.loss < Double.POSITIVE_INFINITY)
        .sorted(Comparator.comparingDouble(Ranked::loss))
        .map(Ranked::checkpoint)
        .toList();
  }

  /**
   * Removes all but the newest and the best.
   *
   * @param last how many of the newest stay
   * @param best how many of those with the lowest validation loss stay
   */
  public void rotate(int last, int best) throws IOException {
    List<Checkpoint> all = complete();
    Set<Checkpoint> kept = new HashSet<>(all.subList(Math.max(0, all.size() - last), all.size()));
    if (best > 0) {
      ranked().stream().limit(best).forEach(kept::add);
    }
    for (Checkpoint checkpoint : all) {
      if (!kept.contains(checkpoint)) {
        checkpoint.delete();
      }
    }
  }

  /** Removes what a crash left half-written or half-deleted. */
  public void clean() throws IOException {
    if (Files.isDirectory(folder)) {
      AtomicDirectory.clean(folder);
    }
  }

  private record Ranked(Checkpoint checkpoint, double loss) {
    static Ranked of(Checkpoint checkpoint) {
      try {
        Double loss = checkpoint.state().progress().validationLoss();
        return new Ranked(checkpoint, loss == null ? Double.POSITIVE_INFINITY : loss);
      } catch (UserException e) {
        LOG.warn("{} is not ranked: {}", checkpoint.directory(), e.getMessage());
        return new Ranked(checkpoint, Double.POSITIVE_INFINITY);
      }
    }
  }
}
