// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tensorboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mneme.compute.UserException;
import org.mneme.model.io.FileFault;
import org.mneme.train.metrics.MemoryReport;
import org.mneme.train.metrics.NamedEvents;
import org.mneme.train.metrics.TrainingStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what it hears for TensorBoard: every number as the scalar {@code event/key}, at its step,
 * how often the entries of a memory are selected as a histogram at each validation, and the
 * configuration as text. A training that goes on appends a file; what earlier files tell of steps
 * that are done again is then forgotten.
 */
public final class TensorBoardWriter extends NamedEvents {
  private static final Logger LOG = LoggerFactory.getLogger(TensorBoardWriter.class);
  private static final String STEP = "step";
  private static final String SELECTIONS = "memory/selections_of_an_entry";

  private final Path folder;
  private final String configuration;
  private final Clock clock;
  private EventFile file;
  private boolean failing;

  /**
   * A writer; the file is made when the training begins.
   *
   * @param folder for event files; made if it is not there
   * @param configuration of the run, as JSON
   */
  public TensorBoardWriter(Path folder, String configuration) {
    this(folder, configuration, Clock.systemUTC());
  }

  TensorBoardWriter(Path folder, String configuration, Clock clock) {
    this.folder = folder;
    this.configuration = configuration;
    this.clock = clock;
  }

  /**
   * Makes the event file.
   *
   * @throws UserException if it cannot be made
   */
  @Override
  public void started(TrainingStart start) {
    // A run that begins anew, since it was never saved, also tells its beginning again.
    long first = start.stepsDone() == 0 ? 0 : start.stepsDone() + 1;
    try {
      file = new EventFile(folder, first, clock);
      file.text(first, "configuration", "```json\n" + configuration.strip() + "\n```");
    } catch (IOException e) {
      throw FileFault.cannotBe(folder, "written", e);
    }
  }

  @Override
  protected void heard(String event, ObjectNode report) {
    if (!report.path(STEP).isIntegralNumber()) {
      return;
    }
    long step = report.remove(STEP).asLong();
    Map<String, Double> scalars = new LinkedHashMap<>();
    flatten(event, report, scalars);
    write(step, () -> file.scalars(step, scalars));
  }

  @Override
  public void memoryUsed(MemoryReport report) {
    super.memoryUsed(report);
    long step = report.step();
    write(step, () -> file.histogram(step, SELECTIONS, report.selections(), report.histogram()));
  }

  /** What writes an event. */
  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }

  private void write(long step, Write write) {
    try {
      write.run();
      failing = false;
    } catch (IOException e) {
      // A full disk shall not end a training, and metrics.jsonl tells the same.
      if (!failing) {
        LOG.warn(
            "{}: what is told from step {} on is left out: {}", folder, step, FileFault.reason(e));
      }
      failing = true;
    }
  }

  /** Numbers of inner objects are named by the whole path to them. */
  private static void flatten(String path, JsonNode node, Map<String, Double> scalars) {
    if (node.isObject()) {
      node.properties()
          .forEach(field -> flatten(path + "/" + field.getKey(), field.getValue(), scalars));
    } else if (node.isNumber()) {
      scalars.put(path, node.asDouble());
    }
  }

  @Override
  public void ended() {
    if (file == null) {
      return;
    }
    try {
      file.close();
    } catch (IOException e) {
      LOG.warn("{}: the event file cannot be closed: {}", folder, FileFault.reason(e));
    }
  }
}
