// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.eval.PaddedRow;
import org.mneme.eval.TokenBatch;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.TokenLosses;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;

/** Scores many short continuations in padded batches of similar length. */
final class ContinuationScorer {
  /** Positions of a batch: enough to fill a GPU, few enough for what one batch needs on a CPU. */
  private static final int POSITIONS = 8192;

  /** Logits that are on the host at one time. */
  private static final int LOGITS = 1 << 24;

  private final LanguageModel model;
  private final TextCodec codec;
  private final SelectionObserver observer;

  ContinuationScorer(LanguageModel model, TextCodec codec, SelectionObserver observer) {
    this.model = model;
    this.codec = codec;
    this.observer = observer;
  }

  /** The log-probability of each whole answer, nats. */
  double[] logProbabilities(List<Continuation> continuations) {
    double[] sums = new double[continuations.size()];
    TokenLosses losses = new TokenLosses(model, observer);
    for (List<Integer> group : groups(continuations)) {
      TokenBatch batch = batch(continuations, group);
      float[] loss = losses.of(batch.ids(), batch.targets(), batch.batch(), batch.sequence());
      for (int i = 0; i < loss.length; i++) {
        sums[group.get(i / batch.sequence())] -= loss[i];
      }
    }
    return sums;
  }

  /**
   * Whether greedy decoding gives each answer: it does if and only if each token of it is the most
   * likely one (of equals the lowest id) after the prompt and the tokens before it.
   */
  boolean[] areGreedy(List<Continuation> continuations) {
    boolean[] greedy = new boolean[continuations.size()];
    for (List<Integer> group : groups(continuations)) {
      TokenBatch batch = batch(continuations, group);
      int[] counted = IntStream.range(0, batch.ids().length).filter(batch::counts).toArray();
      int[] likeliest = likeliest(batch, counted);
      group.forEach(index -> greedy[index] = true);
      for (int i = 0; i < counted.length; i++) {
        int index = group.get(counted[i] / batch.sequence());
        greedy[index] &= likeliest[i] == batch.targets()[counted[i]];
      }
    }
    return greedy;
  }

  private TokenBatch batch(List<Continuation> continuations, List<Integer> group) {
    List<Continuation> rows = group.stream().map(continuations::get).toList();
    return PaddedRow.batch(rows, codec.padId(), model.config().maxSeqLen());
  }

  /** The indices of continuations by length, cut where a batch would have too many positions. */
  private static List<List<Integer>> groups(List<Continuation> continuations) {
    List<Integer> order =
        IntStream.range(0, continuations.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -continuations.get(i).length()))
            .toList();
    List<List<Integer>> groups = new ArrayList<>();
    int from = 0;
    while (from < order.size()) {
      int longest = continuations.get(order.get(from)).length();
      int rows = Math.max(1, POSITIONS / PaddedRow.width(longest));
      int to = Math.min(order.size(), from + rows);
      groups.add(order.subList(from, to));
      from = to;
    }
    return groups;
  }

  private int[] likeliest(TokenBatch batch, int[] positions) {
    Device device = model.device();
    int rows = Math.max(1, LOGITS / model.config().vocabSize());
    int[] likeliest = new int[positions.length];
    try (Tensor ids =
            device.allocate(MemoryTag.ACTIVATIONS, DType.I32, batch.batch(), batch.sequence());
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(batch.ids(), ids);
      LayerContext context =
          LayerContext.evaluation(tape, batch.batch(), batch.sequence(), observer);
      Tensor hidden = model.hidden(context, ids).value();
      for (int from = 0; from < positions.length; from += rows) {
        int to = Math.min(positions.length, from + rows);
        int[] some = IntStream.range(from, to).map(i -> positions[i]).toArray();
        System.arraycopy(likeliest(hidden, some), 0, likeliest, from, some.length);
      }
    }
    return likeliest;
  }

  private int[] likeliest(Tensor hidden, int[] positions) {
    Device device = model.device();
    int rows = positions.length;
    int vocabulary = model.config().vocabSize();
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, rows);
        Tensor picked =
            device.allocate(MemoryTag.WORKSPACE, hidden.dtype(), rows, hidden.shape().columns());
        Tensor asFloats = device.allocate(MemoryTag.WORKSPACE, DType.F32, rows, vocabulary);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(positions, index);
      device.memory().gatherRows(hidden, index, picked);
      device.transfer().copy(model.logits(tape, Var.constant(picked)).value(), asFloats);
      float[] logits = device.transfer().readFloats(asFloats);
      return IntStream.range(0, rows).map(row -> likeliest(logits, row * vocabulary)).toArray();
    }
  }

  /** A model can have more rows of embeddings than there are tokens; those do not count. */
  private int likeliest(float[] logits, int from) {
    int best = 0;
    for (int id = 1; id < codec.vocabularySize(); id++) {
      if (logits[from + id] > logits[from + best]) {
        best = id;
      }
    }
    return best;
  }
}
