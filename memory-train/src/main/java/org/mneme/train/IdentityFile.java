// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.FileFault;
import org.mneme.train.preflight.Versions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The identity of a run in its {@code info.json}, next to what was written there before. */
final class IdentityFile {
  private static final Logger LOG = LoggerFactory.getLogger(IdentityFile.class);
  private static final String KEY = "identity";

  private final TrainingSetup setup;
  private final Path file;

  IdentityFile(TrainingSetup setup) {
    this.setup = setup;
    this.file = setup.folder().info();
  }

  /**
   * Writes the identity of a training that starts.
   *
   * @throws UserException if it cannot be written
   */
  void write() {
    RunIdentity identity = RunIdentity.of(setup);
    ObjectNode info = Files.exists(file) ? read() : started();
    if (info != null) {
      info.set(KEY, new JsonConfig().tree(identity));
      try {
        new JsonConfig().write(file, info);
      } catch (IOException e) {
        throw FileFault.cannotBe(file, "written", e);
      }
    }
  }

  /**
   * Checks that a training is continued with the code that it was started with; writes the identity
   * of one that has none yet.
   *
   * @throws UserException if its fusion is another one
   */
  void requireSame() {
    ObjectNode info = Files.exists(file) ? read() : null;
    if (info == null || !info.path(KEY).isObject()) {
      write();
      return;
    }
    JsonNode before = info.path(KEY).path("fusion");
    JsonNode now = new JsonConfig().tree(RunIdentity.of(setup)).path("fusion");
    if (!before.asText().equals(now.asText())) {
      throw new UserException(
          "resume: the fusion is another one: expected "
              + described(before)
              + " as recorded in "
              + file
              + ", got "
              + described(now));
    }
  }

  private static String described(JsonNode fusion) {
    return fusion.asText().isEmpty() ? "that of the configuration" : fusion.asText();
  }

  /** What is in the file; null if it is not an object, which then stays as it is. */
  private ObjectNode read() {
    try {
      ObjectNode info = new JsonConfig().read(file, ObjectNode.class);
      if (info != null) {
        return info;
      }
      LOG.warn("{}: holds no object, the identity of the run is not recorded", file);
    } catch (UserException e) {
      LOG.warn("the identity of the run is not recorded: {}", e.getMessage());
    }
    return null;
  }

  /** What a training says that is started by a program. */
  private ObjectNode started() {
    ObjectNode info = JsonNodeFactory.instance.objectNode();
    info.put("version", setup.run().experiment().version());
    info.put("description", setup.run().experiment().description());
    info.put(
        "started",
        OffsetDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString());
    info.put("working_directory", Path.of("").toAbsolutePath().toString());
    info.set("versions", new JsonConfig().tree(Versions.found()));
    info.putArray("data")
        .addAll(setup.data().summaries().stream().map(new JsonConfig()::tree).toList());
    return info;
  }
}
