// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.testing.FailureSweep;
import org.mneme.memory.context.ContextConfig;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.ema.EmaBatch;
import org.mneme.memory.ema.EmaConfig;
import org.mneme.memory.ema.EmaRule;
import org.mneme.memory.ema.EmaUpdater;
import org.mneme.memory.ema.EmaUpdaters;
import org.mneme.memory.initialize.KMeansConfig;
import org.mneme.memory.initialize.KMeansEntries;
import org.mneme.memory.revival.EntryReviver;
import org.mneme.memory.revival.RevivalConfig;
import org.mneme.memory.revival.RevivalSource;
import org.mneme.memory.statistics.UsageTracker;

/** Whatever fails while entries are made, moved, revived or counted: nothing stays allocated. */
class OpenAfterFailureTest {
  private static final int ENTRIES = 24;
  private static final int LENGTH = 4;
  private static final int WIDTH = 6;
  private static final int VOCABULARY = 31;
  private static final int BATCH = 2;
  private static final int SEQUENCE = 8;
  private static final int SLOTS = 3;

  private static Device device;

  @BeforeAll
  static void open() {
    device = FailureSweep.openDevice();
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static void sweep(Consumer<Device> work) {
    FailureSweep sweep = new FailureSweep(device, work);
    assertThat(sweep.allocations()).isPositive();
    assertThat(sweep.operations(1)).isPositive();
  }

  private static void fill(Tensor tensor, int bound) {
    SplittableRandom random = new SplittableRandom(tensor.elementCount());
    int count = Math.toIntExact(tensor.elementCount());
    if (tensor.dtype() == DType.I32) {
      tensor.device().transfer().writeInts(random.ints(count, 0, bound).toArray(), tensor);
    } else {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) random.nextDouble(-1, 1);
      }
      tensor.device().transfer().writeFloats(values, tensor);
    }
  }

  private static Tensor open(Device on, DType dtype, long... extents) {
    return on.allocate(MemoryTag.ACTIVATIONS, dtype, extents);
  }

  /** Moves entries twice, so that what is kept from move to move is used too. */
  private static void move(Device on, Codebook codebook, int width, Supplier<EmaUpdater> opener) {
    try (Tensor features = open(on, DType.F32, BATCH * SEQUENCE, width);
        Tensor indices = open(on, DType.I32, BATCH * SEQUENCE, SLOTS);
        Tensor ids = open(on, DType.I32, BATCH, SEQUENCE)) {
      fill(features, 0);
      fill(indices, codebook.entries());
      fill(ids, VOCABULARY);
      try (EmaUpdater updater = opener.get();
          EntryReviver reviver = reviver(codebook, updater)) {
        for (long number = 1; number <= 2; number++) {
          EmaBatch batch =
              new EmaBatch(features, indices, ids, BATCH, SEQUENCE, SLOTS, number, true);
          updater.update(batch);
          reviver.observe(batch);
        }
      }
    }
  }

  private static EntryReviver reviver(Codebook codebook, EmaUpdater updater) {
    RevivalConfig config = new RevivalConfig(1, 1, RevivalSource.USED, 0.5, -1, 5);
    return new EntryReviver(config, codebook, 0, List.of(updater));
  }

  @ParameterizedTest
  @CsvSource({
    "PUBLISHED, false",
    "SHADOW, false",
    "SHADOW, true",
    "COUNT, false",
    "COUNT, true",
    "EPISODIC, false"
  })
  void tokensThatMove(EmaRule rule, boolean positional) {
    EmaConfig config =
        EmaConfig.builder().rule(rule).positional(positional).decay(0.5).chunkRows(16).build();
    sweep(
        on -> {
          try (TokenCodebook codebook = TokenCodebook.allocate(on, ENTRIES, LENGTH);
              Tensor embeddings = open(on, DType.F32, VOCABULARY, WIDTH)) {
            fill(codebook.bank(), VOCABULARY);
            fill(embeddings, 0);
            move(on, codebook, WIDTH, () -> EmaUpdaters.forTokens(config, codebook, embeddings));
          }
        });
  }

  @ParameterizedTest
  @EnumSource(
      value = EmaRule.class,
      names = {"PUBLISHED", "COUNT"})
  void vectorsThatMove(EmaRule rule) {
    EmaConfig config = EmaConfig.builder().rule(rule).decay(0.5).chunkRows(16).build();
    sweep(
        on -> {
          try (VectorCodebook codebook = VectorCodebook.allocate(on, ENTRIES, WIDTH)) {
            fill(codebook.bank(), 0);
            move(on, codebook, WIDTH, () -> EmaUpdaters.forVectors(config, codebook));
          }
        });
  }

  @Test
  void contextsThatRead() {
    ContextConfig config = new ContextConfig(List.of(1, 2), 3, 0);
    sweep(
        on -> {
          try (TokenCodebook codebook = TokenCodebook.allocate(on, ENTRIES, LENGTH)) {
            fill(codebook.bank(), VOCABULARY);
            try (ContextMemory memory = new ContextMemory(config, codebook);
                Tensor ids = open(on, DType.I32, BATCH, SEQUENCE)) {
              fill(ids, VOCABULARY);
              memory.keepOrigins();
              memory.remember(ids, null, -1);
              assertThat(memory.filled()).isPositive();
            }
          }
        });
  }

  @Test
  void clustersOfVectors() {
    sweep(
        on -> {
          try (VectorCodebook codebook = VectorCodebook.allocate(on, 5, WIDTH);
              Tensor points = open(on, DType.F32, 40, WIDTH)) {
            fill(points, 0);
            KMeansEntries.vectors(codebook, points, new KMeansConfig(2, 30, 1));
          }
        });
  }

  @Test
  void clustersOfSentences() {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> sentences =
        random
            .ints(20, 1, 7)
            .mapToObj(length -> random.ints(length, 0, VOCABULARY).toArray())
            .toList();
    sweep(
        on -> {
          try (TokenCodebook codebook = TokenCodebook.allocate(on, 5, LENGTH);
              Tensor embeddings = open(on, DType.F32, VOCABULARY, WIDTH)) {
            fill(embeddings, 0);
            KMeansEntries.sentences(codebook, embeddings, sentences, new KMeansConfig(2, 15, 1));
          }
        });
  }

  @Test
  void usesThatAreCounted() {
    sweep(
        on -> {
          try (UsageTracker tracker = new UsageTracker(on, ENTRIES);
              Tensor indices = open(on, DType.I32, 5, SLOTS);
              Tensor fewer = open(on, DType.I32, 2, SLOTS)) {
            fill(indices, ENTRIES);
            fill(fewer, ENTRIES);
            tracker.record(indices);
            tracker.record(fewer);
            tracker.resetEntries(new int[] {1, 2});
            assertThat(tracker.statistics(3).mostUsed()).hasSize(3);
          }
        });
  }
}
