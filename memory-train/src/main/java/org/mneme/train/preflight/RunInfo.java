// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.FileFault;
import org.mneme.train.RunIdentity;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.shard.DataSummary;
import org.mneme.train.folder.RunFolder;

/**
 * What a run is, written into its folder before it begins, so that it can be told, and done again,
 * when only the folder is left.
 *
 * @param version of the experiment
 * @param description of the experiment
 * @param started in ISO 8601
 * @param command to type to get the same again
 * @param workingDirectory from which relative paths are meant
 * @param versions of what runs
 * @param machine on which
 * @param device on which
 * @param memoryBytes the estimate of what the training takes, by part
 * @param data what is learned from, with hashes; empty as long as it is not read
 * @param config every setting
 * @param identity what tells the run from others of this configuration; null as long as the
 *     training has not started
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunInfo(
    String version,
    String description,
    String started,
    String command,
    String workingDirectory,
    Versions versions,
    Machine machine,
    DeviceSummary device,
    Map<String, Long> memoryBytes,
    List<DataSummary> data,
    RunConfig config,
    RunIdentity identity) {
  /** Copies the list and the map, in its order; what is absent is empty. */
  public RunInfo {
    data = data == null ? List.of() : List.copyOf(data);
    memoryBytes =
        memoryBytes == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(memoryBytes));
  }

  /**
   * The device.
   *
   * @param id by which it is chosen
   * @param provider that opened it
   * @param description the hardware
   * @param totalMemory in bytes, or −1 if unknown
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record DeviceSummary(String id, String provider, String description, long totalMemory) {
    private static DeviceSummary of(DeviceInfo info) {
      return new DeviceSummary(info.id(), info.provider(), info.description(), info.totalMemory());
    }
  }

  /** A run that is about to begin, whose data is not read yet. */
  public static RunInfo of(RunConfig run, Passed passed, String command) {
    return new RunInfo(
        run.experiment().version(),
        run.experiment().description(),
        OffsetDateTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString(),
        command,
        Path.of("").toAbsolutePath().toString(),
        Versions.found(),
        Machine.found(),
        DeviceSummary.of(passed.device().info()),
        passed.memory().byName(),
        List.of(),
        run,
        null);
  }

  /** This information with what is learned from. */
  public RunInfo withData(List<DataSummary> found) {
    return new RunInfo(
        version,
        description,
        started,
        command,
        workingDirectory,
        versions,
        machine,
        device,
        memoryBytes,
        found,
        config,
        identity);
  }

  /**
   * Writes the information into the run's folder, which is made if it is not there.
   *
   * @throws UserException if it cannot be written
   */
  public void write(RunFolder folder) {
    try {
      new JsonConfig().write(folder.info(), this);
    } catch (IOException e) {
      throw FileFault.cannotBe(folder.info(), "written", e);
    }
  }

  /**
   * Reads the information of a run.
   *
   * @throws UserException if there is none, or it is not valid
   */
  public static RunInfo read(RunFolder folder) {
    RunInfo info = new JsonConfig().readRecord(folder.info(), RunInfo.class);
    if (info == null) {
      throw new UserException(folder.info() + ": expected an object, got null");
    }
    return info;
  }
}
