// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.preflight;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mneme.compute.DType;
import org.mneme.compute.DeviceInfo;
import org.mneme.compute.MemoryReport;
import org.mneme.compute.MemoryTag;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaRule;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterTable;
import org.mneme.train.Rehearsal;
import org.mneme.train.config.RunConfig;

/**
 * What a training takes of its device's memory, by part. Model and step are run once on a device
 * that only counts allocations, so that the estimate follows whatever they do; added to this are
 * the state of an EMA rule when all entries have been touched and the scratch of kernels.
 *
 * @param parts what takes how much
 */
public record MemoryEstimate(List<Part> parts) {
  /** Pieces of scratch of {@link DeviceInfo#chunkBytes} that kernels hold at a time. */
  private static final int SCRATCH_CHUNKS = 2;

  /** Copies the list. */
  public MemoryEstimate {
    parts = List.copyOf(parts);
  }

  /**
   * A part.
   *
   * @param name for a person
   * @param tag under which a device reports it
   * @param bytes at most in use at once
   */
  public record Part(String name, MemoryTag tag, long bytes) {}

  /**
   * Estimates a training.
   *
   * @param device on which it is to run
   * @throws org.mneme.compute.UserException if the device does not support the dtype
   */
  public static MemoryEstimate of(RunConfig run, DeviceInfo device) {
    try (DryDevice dry = new DryDevice(device);
        LanguageModel model = run.createModel(dry)) {
      Rehearsal.step(model, run);
      return new MemoryEstimate(parts(run, device, dry.memoryReport(), model));
    }
  }

  private static List<Part> parts(
      RunConfig run, DeviceInfo device, MemoryReport report, LanguageModel model) {
    ParameterTable table = model.parameters().table();
    ParameterTable.Range values = table.range(ParameterGroup.MEMORY_VALUES);
    long learned = (values.to() - values.from()) * Float.BYTES;
    DType type = model.computeType();
    long copy = type == DType.F32 ? 0 : table.elementCount() * type.byteCount();
    long bank = bankBytes(model);
    Map<MemoryTag, Long> peak = new EnumMap<>(MemoryTag.class);
    peak.putAll(report.peak());

    List<Part> parts = new ArrayList<>();
    long weights = peak.getOrDefault(MemoryTag.WEIGHTS, 0L) - learned - copy;
    parts.add(new Part("weights, f32", MemoryTag.WEIGHTS, weights));
    add(parts, "learned memory values, f32", MemoryTag.WEIGHTS, learned);
    add(parts, "copy of both in " + lower(type), MemoryTag.WEIGHTS, copy);
    add(parts, "gradients", MemoryTag.GRADIENTS, peak.getOrDefault(MemoryTag.GRADIENTS, 0L));
    add(parts, "moments", MemoryTag.OPTIMIZER, peak.getOrDefault(MemoryTag.OPTIMIZER, 0L));
    add(parts, "memory bank", MemoryTag.MEMORY_BANK, bank);
    long state = peak.getOrDefault(MemoryTag.MEMORY_BANK, 0L) - bank;
    add(parts, "selections and EMA state", MemoryTag.MEMORY_BANK, state + sparseState(run));
    add(parts, "activations", MemoryTag.ACTIVATIONS, peak.getOrDefault(MemoryTag.ACTIVATIONS, 0L));
    long scratch = SCRATCH_CHUNKS * device.chunkBytes();
    long workspace = peak.getOrDefault(MemoryTag.WORKSPACE, 0L) + scratch;
    add(parts, "workspace, about", MemoryTag.WORKSPACE, workspace);
    return parts;
  }

  private static void add(List<Part> parts, String name, MemoryTag tag, long bytes) {
    if (bytes > 0) {
      parts.add(new Part(name, tag, bytes));
    }
  }

  private static String lower(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** The entries that are no parameters; learned ones lie among the weights. */
  private static long bankBytes(LanguageModel model) {
    return model.config().memoryStore() == MemoryStore.LEARNED
        ? 0
        : model.memory().map(memory -> memory.bank().byteCount()).orElse(0L);
  }

  /**
   * The float state that token entries get when they are first touched, once all of them are: for
   * each place tokens and a feature, and half as much again while it grows.
   */
  private static long sparseState(RunConfig run) {
    ModelConfig model = run.model();
    boolean sparse = model.emaRule() == EmaRule.SHADOW || model.emaRule() == EmaRule.COUNT;
    if (model.memoryStore() != MemoryStore.EMA_TOKEN || !sparse) {
      return 0;
    }
    EmaConfig ema = model.ema().build();
    long unfrozen = (long) model.knowledgeNum() - ema.frozenEntries(model.knowledgeNum());
    long entries = ema.shadowCapacity() == 0 ? unfrozen : Math.min(ema.shadowCapacity(), unfrozen);
    long features = (model.emaPositional() ? model.knowledgeLength() : 1L) * model.dim();
    return entries
        * (features * Float.BYTES + (long) model.knowledgeLength() * Integer.BYTES)
        * 3
        / 2;
  }

  /** Bytes of all parts together. */
  public long total() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /** Bytes of each part by its name, in order. */
  Map<String, Long> byName() {
    Map<String, Long> bytes = new LinkedHashMap<>();
    parts.forEach(part -> bytes.put(part.name(), part.bytes()));
    return bytes;
  }

  /** Bytes of the parts that a device reports under a tag. */
  public long of(MemoryTag tag) {
    return parts.stream().filter(part -> part.tag() == tag).mapToLong(Part::bytes).sum();
  }
}
