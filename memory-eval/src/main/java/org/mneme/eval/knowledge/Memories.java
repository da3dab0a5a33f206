// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.Codebook;
import org.mneme.model.LanguageModel;

/** What the tools of this package share. */
final class Memories {
  private Memories() {}

  /**
   * The memory of a model.
   *
   * @throws UserException if it has none
   */
  static Codebook of(LanguageModel model) {
    return model
        .memory()
        .orElseThrow(
            () ->
                new UserException(
                    "the model has no memory (memory_store is none), expected one with entries"));
  }

  /** How many entries, from the first on, training never changes. */
  static int frozen(LanguageModel model) {
    if (model.contexts().isPresent()) {
      return model.contexts().get().config().frozenEntries();
    }
    return model.config().movesByEma()
        ? model.config().ema().build().frozenEntries(of(model).entries())
        : 0;
  }

  /** Refuses an index that no entry has. */
  static void requireEntry(Codebook memory, long entry) {
    if (entry < 0 || entry >= memory.entries()) {
      throw new UserException("entry is " + entry + ", expected 0 to " + (memory.entries() - 1));
    }
  }

  /** Writes rows to entries; the model's layers compute with them from then on. */
  static void write(LanguageModel model, int[] entries, Tensor rows) {
    Device device = model.device();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, entries.length)) {
      device.transfer().writeInts(entries, index);
      device.memory().scatterRows(rows, index, of(model).bank());
    }
    model.parameters().refreshCopy();
    model.noteGivenEntries();
  }
}
