// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.RunConfig;

/**
 * Checks all that a run needs before it begins: device, memory, text, tokenizer and disk. All
 * problems are told at once, so that nobody mends them one by one.
 */
public final class Preflight {
  private final RunConfig run;
  private final Path folder;
  private final List<Runnable> others = new ArrayList<>();

  /**
   * Checks for a run.
   *
   * @param folder where its files will be
   */
  public Preflight(RunConfig run, Path folder) {
    this.run = run;
    this.folder = folder;
  }

  /**
   * Adds a check of something that this module does not know, such as what is measured after the
   * training.
   *
   * @param check throws {@link UserException} if something is wrong
   */
  public Preflight also(Runnable check) {
    others.add(check);
    return this;
  }

  /**
   * Opens the device and checks everything; the caller closes what it gets.
   *
   * @throws UserException telling all problems
   */
  public Passed pass(Supplier<Device> devices) {
    Findings findings = new Findings();
    Device device = opened(devices, findings);
    try {
      boolean hasKnowledge = !run.data().knowledgeFile().isEmpty();
      findings.attempt(() -> run.train().memoryInit().requireFor(run.model(), hasKnowledge));
      DataCheck data = new DataCheck(run.data(), run.model().vocabSize());
      data.run(findings);
      if (findings.count() == 0 && clustersSentences()) {
        findings.attempt(() -> data.requireSentences(run.model().knowledgeNum()));
      }
      others.forEach(findings::attempt);
      Optional<MemoryEstimate> memory = memory(device, findings);
      Optional<DiskEstimate> disk = memory.map(estimate -> disk(estimate, findings));
      findings.throwIfAny();
      return new Passed(device, memory.orElseThrow(), disk.orElseThrow(), folder);
    } catch (RuntimeException e) {
      if (device != null) {
        device.close();
      }
      throw e;
    }
  }

  private boolean clustersSentences() {
    return run.train().memoryInit() == MemoryInit.KMEANS && run.model().holdsTokens();
  }

  private static Device opened(Supplier<Device> devices, Findings findings) {
    try {
      return devices.get();
    } catch (UserException e) {
      findings.problem(e.getMessage());
      return null;
    }
  }

  private Optional<MemoryEstimate> memory(Device device, Findings findings) {
    if (device == null) {
      return Optional.empty();
    }
    try {
      LanguageModel.requireSupport(device, run.train().dtype());
      MemoryEstimate estimate = MemoryEstimate.of(run, device.info());
      checkRoom(estimate, device.info(), findings);
      return Optional.of(estimate);
    } catch (UserException e) {
      findings.problem(e.getMessage());
      return Optional.empty();
    }
  }

  private static void checkRoom(MemoryEstimate estimate, DeviceInfo device, Findings findings) {
    long there = MemoryThere.of(device);
    if (there >= 0 && estimate.total() > there) {
      findings.problem(
          "memory of "
              + device.id()
              + ": the training takes about "
              + Bytes.text(estimate.total())
              + ", found "
              + Bytes.text(there)
              + "; a smaller train.batch_size with more train.accumulation_steps takes less\n"
              + MemoryTable.of(estimate, there).indent(4).stripTrailing());
    }
  }

  private DiskEstimate disk(MemoryEstimate memory, Findings findings) {
    DiskEstimate estimate = DiskEstimate.of(run, memory);
    estimate.check(folder, Path.of(run.data().shards()), findings);
    return estimate;
  }
}
