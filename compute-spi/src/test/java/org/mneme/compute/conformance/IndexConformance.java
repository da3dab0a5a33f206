// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * Values that operations use as addresses: those out of range are refused by name, no later than
 * when the device is next waited for, and the device works as before.
 */
public abstract class IndexConformance extends DeviceTestCase {
  private static final int MASKED = -100;

  /** The greatest valid value of each index argument of {@link ValidCalls}. */
  private static final Map<String, Integer> LAST =
      Map.ofEntries(
          Map.entry("gatherRows.indices", 6),
          Map.entry("scatterRows.indices", 6),
          Map.entry("scatterAddRows.indices", 6),
          Map.entry("blendRows.indices", 6),
          Map.entry("decodeTokenMemory.indices", 6),
          Map.entry("decodeTokenMemory.bank", 8),
          Map.entry("decodeTokenMemoryBackward.indices", 6),
          Map.entry("decodeTokenMemoryBackward.bank", 8),
          Map.entry("countIndices.indices", 6),
          Map.entry("zeroRows.rows", 6),
          Map.entry("zeroRows.rowCount", 3),
          Map.entry("productKeyBackward.indices", 8),
          Map.entry("concatTokens.indices", 6),
          Map.entry("concatTokens.bank", 8),
          Map.entry("concatTokensBackward.indices", 6),
          Map.entry("concatTokensBackward.bank", 8),
          Map.entry("concatTokensBackward.order", 11),
          Map.entry("concatRows.indices", 6),
          Map.entry("concatRowsBackward.indices", 6),
          Map.entry("embeddingBag.indices", 6),
          Map.entry("embeddingBagBackward.indices", 6),
          Map.entry("groupSelections.indices", 2),
          Map.entry("scatterMean.order", 5),
          Map.entry("scatterMean.starts", 6),
          Map.entry("nearestToken.tokens", 8),
          Map.entry("episodicTokens.order", 5),
          Map.entry("episodicTokens.starts", 6),
          Map.entry("episodicTokens.entries", 6),
          Map.entry("lookUpContexts.indices", 6),
          Map.entry("rememberContexts.indices", 6),
          Map.entry("placeWeights.kinds", Integer.MAX_VALUE),
          Map.entry("placeWeightsBackward.kinds", Integer.MAX_VALUE),
          Map.entry("softmaxCrossEntropy.targets", 3),
          Map.entry("crossEntropy.targets", 3),
          Map.entry("sumOfSquaresRows.rows", 6),
          Map.entry("sumOfSquaresRows.rowCount", 3),
          Map.entry("adamWRows.rows", 6),
          Map.entry("adamWRows.rowCount", 3));

  /** Integers that no operation uses as an address, or that it only writes. */
  private static final Set<String> NO_ADDRESSES =
      Set.of(
          "batchNorm.valid",
          "batchNormBackward.valid",
          "clipFactors.skipped",
          "concatTokens.order",
          "contextAddresses.ids",
          "contextAddresses.indices",
          "contextAddresses.lengths",
          "contextAddresses.tags",
          "countIndices.counts",
          "episodicTokens.bank",
          "episodicTokens.inputIds",
          "groupSelections.entries",
          "groupSelections.order",
          "groupSelections.starts",
          "listRows.counts",
          "listRows.rowCount",
          "listRows.rows",
          "lookUpContexts.bank",
          "lookUpContexts.kinds",
          "lookUpContexts.origins",
          "lookUpContexts.owners",
          "lookUpContexts.sources",
          "lookUpContexts.tags",
          "lookUpContexts.tokens",
          "lookUpContexts.votes",
          "maskSelections.indices",
          "maskSelections.out",
          "maskSelections.valid",
          "nearestToken.out",
          "productKeyBackward.valid",
          "productKeyTopK.indices",
          "productKeyTopK.valid",
          "readInts.source",
          "rememberContexts.bank",
          "rememberContexts.ids",
          "rememberContexts.latest",
          "rememberContexts.origins",
          "rememberContexts.owners",
          "rememberContexts.sources",
          "rememberContexts.tags",
          "rememberContexts.votes",
          "scatterMean.valid",
          "uniformInts.out",
          "writeInts.target");

  /** Addresses of which −1 stands for none. */
  private static final Set<String> OR_NONE =
      Set.of("countIndices.indices", "groupSelections.indices");

  /** An index argument of a call. */
  private record Index(ValidCalls.Call call, int number) {
    String name() {
      return call.method().getName() + "." + call.parameter(number);
    }

    Tensor tensor() {
      return (Tensor) call.arguments()[number];
    }
  }

  private static List<Index> integers(ValidCalls calls) {
    List<Index> integers = new ArrayList<>();
    for (ValidCalls.Call call : calls.all()) {
      for (int i = 0; i < call.arguments().length; i++) {
        if (call.arguments()[i] instanceof Tensor tensor && tensor.dtype() == DType.I32) {
          integers.add(new Index(call, i));
        }
      }
    }
    return integers;
  }

  /** A new operation must say which of its integers are addresses. */
  @Test
  void everyIntegerArgumentIsEitherCheckedOrNoAddress() {
    try (ValidCalls calls = new ValidCalls(device)) {
      Set<String> found = new TreeSet<>();
      integers(calls).forEach(index -> found.add(index.name()));
      Set<String> known = new TreeSet<>(LAST.keySet());
      known.addAll(NO_ADDRESSES);
      assertThat(found).isEqualTo(known);
    }
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    try (ValidCalls calls = new ValidCalls(device)) {
      for (Index index : integers(calls)) {
        Integer last = LAST.get(index.name());
        if (last != null) {
          refused(calls, index, OR_NONE.contains(index.name()) ? -2 : -1, last);
          refused(calls, index, Integer.MIN_VALUE, last);
          if (last < Integer.MAX_VALUE) {
            refused(calls, index, last + 1, last);
            refused(calls, index, Integer.MAX_VALUE, last);
          }
        }
      }
    }
  }

  private void refused(ValidCalls calls, Index index, int bad, int last) {
    List<int[]> before = new ArrayList<>();
    List<Index> all = integers(calls).stream().filter(i -> i.call == index.call).toList();
    all.forEach(i -> before.add(device.transfer().readInts(i.tensor())));
    int[] values = device.transfer().readInts(index.tensor());
    values[Math.min(1, values.length - 1)] = bad;
    device.transfer().writeInts(values, index.tensor());
    String other =
        OR_NONE.contains(index.name())
            ? " or -1"
            : index.name().endsWith("targets") ? " or " + MASKED : "";
    String range = "0 to " + last + other;
    assertThatIllegalArgumentException()
        .as("%s has %d", index.name(), bad)
        .isThrownBy(
            () -> {
              index.call.run();
              device.synchronize();
            })
        .withMessage(
            index.call.name()
                + ": argument '"
                + index.call.parameter(index.number)
                + "' has a value out of range: expected "
                + range
                + ", got "
                + bad);
    for (int i = 0; i < before.size(); i++) {
      device.transfer().writeInts(before.get(i), all.get(i).tensor());
    }
    assertThatCode(
            () -> {
              index.call.run();
              device.synchronize();
            })
        .as("%s after a value out of range", index.name())
        .doesNotThrowAnyException();
  }

  private Tensor ints(int... values) {
    Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, values.length);
    device.transfer().writeInts(values, tensor);
    return tensor;
  }

  private Tensor zeros(DType dtype, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, dtype, extents);
    device.transfer().fill(tensor, 0);
    return tensor;
  }

  /** Not between any borders, though each of them is in range. */
  @Test
  void bordersThatDoNotAscendAreRefused() {
    try (Tensor features = zeros(DType.F32, 3, 4);
        Tensor order = ints(0, 1, 2, 3, 4, 5);
        Tensor starts = ints(0, 5, 1, 6, 6, 6, 6);
        Tensor means = zeros(DType.F32, 3, 4);
        Tensor counts = zeros(DType.F32, 3)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> {
                device
                    .memory()
                    .scatterMean(features, null, order, starts, 0, 2, 3, 0, means, counts);
                device.synchronize();
              })
          .withMessage(
              "scatter_mean: argument 'starts' has a value out of range: expected ascending"
                  + " values, got 1 after 5");
    }
  }

  /** A memory may hold what it likes in entries that nobody reads. */
  @Test
  void onlyWhatIsReadIsChecked() {
    try (Tensor embeddings = zeros(DType.F32, 9, 4);
        Tensor bank = ints(1, 2, 77, -5, 3, 4);
        Tensor indices = ints(0, 2);
        Tensor out = zeros(DType.F32, 2, 4);
        Tensor rows = ints(2, 99, -7);
        Tensor one = ints(1);
        Tensor table = zeros(DType.F32, 5, 2)) {
      device.memory().decodeTokenMemory(embeddings, bank.reshape(3, 2), indices, out);
      device.memory().zeroRows(rows, one, table);
      device.synchronize();
      assertThat(device.transfer().readFloats(out)).containsOnly(0f);
    }
  }

  @Test
  void aFaultInARecordedGraphIsReported() {
    try (Tensor table = zeros(DType.F32, 5, 2);
        Tensor indices = ints(0, 4, 1);
        Tensor out = zeros(DType.F32, 3, 2);
        CapturedGraph graph =
            device.capture(() -> device.memory().gatherRows(table, indices, out))) {
      device.synchronize();
      device.transfer().writeInts(new int[] {0, 5, 1}, indices);
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> {
                graph.replay();
                device.transfer().readFloats(out);
              })
          .withMessageStartingWith("gather_rows: argument 'indices' has a value out of range")
          .withMessageEndingWith("got 5");
      device.transfer().writeInts(new int[] {0, 3, 1}, indices);
      graph.replay();
      device.synchronize();
    }
  }

  /** Large enough for several blocks or threads, with the bad value in the last one. */
  @Test
  void oneBadValueAmongManyIsFound() {
    int count = 100_003;
    int[] values = new int[count];
    values[count - 1] = 5;
    try (Tensor table = zeros(DType.F32, 5, 1);
        Tensor indices = ints(values);
        Tensor out = zeros(DType.F32, count, 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> {
                device.memory().gatherRows(table, indices, out);
                device.synchronize();
              })
          .withMessageEndingWith("expected 0 to 4, got 5");
    }
  }

  @Test
  void aTableWithoutRowsCannotBeRead() {
    try (Tensor table = zeros(DType.F32, 0, 2);
        Tensor indices = ints(0);
        Tensor out = zeros(DType.F32, 1, 2)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> device.memory().gatherRows(table, indices, out))
          .withMessageContaining("gather_rows: argument 'indices'");
    }
  }
}
