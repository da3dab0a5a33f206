// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryReport;
import org.mneme.model.io.FileFault;
import org.mneme.train.config.WatchConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.metrics.ResourceReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.watch.ChromeTrace;
import org.mneme.train.watch.StepProfile;
import org.mneme.train.watch.StepProfiler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the memory in use and at where the time goes, at the configured steps. */
final class Watch {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private final WatchConfig config;
  private final Device device;
  private final RunFolder folder;
  private final TrainingListener listener;
  private final StepProfiler profiler;
  private int profiled;

  /** Nothing is watched yet. */
  Watch(
      WatchConfig config,
      Device device,
      StepProfiler profiler,
      RunFolder folder,
      TrainingListener listener) {
    this.config = config;
    this.device = device;
    this.profiler = profiler;
    this.folder = folder;
    this.listener = listener;
  }

  /** Called before anything of a step is done. */
  void begin(long step) {
    if (config.profiles(step)) {
      if (!profiler.active()) {
        profiler.begin();
        profiled = 0;
      }
      profiled++;
    }
  }

  /**
   * Called when all of a step is done, also what follows it, such as a validation.
   *
   * @param last whether no other step follows
   */
  void end(long step, boolean last) {
    if (profiler.active() && (last || config.endsProfileAfter(step))) {
      tell(step, profiler.end());
    }
    if (config.monitorsAfter(step)) {
      listener.resourcesRead(resources(step));
    }
  }

  private void tell(long step, StepProfile profile) {
    listener.profiled(profile.report(step, profiled));
    if (config.traceFiles() == 0) {
      return;
    }
    DeviceInfo info = device.info();
    String title = "device " + info.id() + ", " + info.description();
    try {
      new ChromeTrace(folder.root(), title, config.traceFiles()).write(step, profile);
    } catch (IOException e) {
      LOG.warn(
          "{}: the trace of step {} cannot be written: {}",
          folder.root(),
          step,
          FileFault.reason(e));
    }
  }

  private ResourceReport resources(long step) {
    MemoryReport memory = device.memoryReport();
    Map<String, Long> byTag = new TreeMap<>();
    memory.current().forEach((tag, bytes) -> byTag.put(tag.name().toLowerCase(Locale.ROOT), bytes));
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    OptionalLong resident = ProcessMemory.resident();
    return new ResourceReport(
        step,
        byTag,
        memory.currentTotal(),
        memory.currentTotal() + memory.pooled(),
        memory.peakTotal(),
        heap.getUsed(),
        heap.getCommitted(),
        resident.isPresent() ? resident.getAsLong() : null);
  }
}
