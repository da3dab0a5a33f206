// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;

/**
 * The use of a memory that is addressed by text is what it reads, counted here by a hash and a
 * lookup of the test's own. Addresses without an entry, or with that of another context, counted
 * before, so that a memory that found nothing at all seemed to be well used.
 */
class ContextUsageTest {
  private static final List<Integer> LENGTHS = List.of(1, 3);
  private static final int LAYERS = 2;

  @Test
  void countsReadsAndNoMisses() {
    ModelConfig config = TinyModels.of(PublishedSystem.CONTEXT);
    int[] known = TinyModels.ids(1);
    int[] read = TinyModels.ids(2);
    // A part of what is read has been seen, another has not.
    System.arraycopy(known, 0, read, 0, TinyModels.SEQUENCE);
    int[] targets = TinyModels.targets(3);
    try (Device device = Devices.open();
        LanguageModel model = LanguageModel.create(device, config, 5);
        UsageObserver usage = new UsageObserver(device, config.knowledgeNum());
        Tensor ids =
            device.allocate(
                MemoryTag.ACTIVATIONS, DType.I32, TinyModels.BATCH, TinyModels.SEQUENCE)) {
      TokenLosses losses = new TokenLosses(model, usage);
      usage.begin(targets);
      losses.of(read, targets, TinyModels.BATCH, TinyModels.SEQUENCE);
      int entries = config.knowledgeNum();
      UsageStatistics unused = UsageStatistics.of(new int[entries], new int[entries], entries);
      assertThat(usage.statistics(entries)).isEqualTo(unused);

      device.transfer().writeInts(known, ids);
      model.contexts().orElseThrow().remember(ids, null, -1);
      usage.reset();
      usage.begin(targets);
      losses.of(read, targets, TinyModels.BATCH, TinyModels.SEQUENCE);
      compare(usage.statistics(config.knowledgeNum()), uses(model, read, targets));
    }
  }

  /** How often each entry is read, at any slot and at the first. */
  private static int[][] uses(LanguageModel model, int[] ids, int[] targets) {
    ContextMemory contexts = model.contexts().orElseThrow();
    int entries = model.config().knowledgeNum();
    int[] owners = model.device().transfer().readInts(contexts.owners());
    int[] votes = model.device().transfer().readInts(contexts.votes());
    int[][] uses = new int[2][entries];
    for (int position = 0; position < ids.length; position++) {
      for (int slot = 0; slot < LENGTHS.size(); slot++) {
        long hash = hash(ids, position, LENGTHS.get(slot));
        int entry = (int) ((hash >>> 1) % entries);
        boolean hit = votes[entry] > 0 && owners[entry] == (int) mix(hash);
        if (hit && targets[position] != TrainingPass.MASKED) {
          uses[0][entry] += LAYERS;
          uses[1][entry] += slot == 0 ? LAYERS : 0;
        }
      }
    }
    return uses;
  }

  private static long hash(int[] ids, int position, int length) {
    long hash = mix(length);
    for (int j = 0; j < length; j++) {
      boolean within = position % TinyModels.SEQUENCE >= j;
      hash = mix(hash + 0x9E3779B97F4A7C15L * ((within ? ids[position - j] : -1) + 2));
    }
    return hash;
  }

  private static long mix(long x) {
    long z = x + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private static void compare(UsageStatistics found, int[][] uses) {
    long read = Arrays.stream(uses[0]).filter(count -> count > 0).count();
    assertThat(read).isBetween(1L, uses[0].length / 2L);
    assertThat(uses[1]).isNotEqualTo(uses[0]);
    assertThat(found).isEqualTo(UsageStatistics.of(uses[0], uses[1], uses[0].length));
  }
}
