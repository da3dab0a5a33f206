// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.mneme.compute.DType.F32;
import static org.mneme.compute.DType.I32;
import static org.mneme.compute.kernels.Accumulation.ADD;
import static org.mneme.compute.kernels.Accumulation.REPLACE;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.kernels.BatchedGemm;
import org.mneme.compute.kernels.BatchedGemm.Layout;
import org.mneme.compute.kernels.ContextKernels;
import org.mneme.compute.kernels.MatrixKernels;
import org.mneme.compute.kernels.MemoryKernels;
import org.mneme.compute.kernels.NeuralKernels;
import org.mneme.compute.kernels.OptimizerKernels;
import org.mneme.compute.kernels.RandomKernels;
import org.mneme.compute.kernels.TransferKernels;

/** A small valid call of every operation of a device. */
final class ValidCalls implements AutoCloseable {
  /** Positions: two sequences of three. */
  private static final int N = 6;

  private static final int S = 2;
  private static final int W = 5;
  private static final int D = 4;

  private final Device device;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();

  ValidCalls(Device device) {
    this.device = device;
    addMatrix();
    addNorms();
    addActivations();
    addAttention();
    addRows();
    addGate();
    addReads();
    addUpdates();
    addContexts();
    addOthers();
  }

  List<Call> all() {
    return calls;
  }

  /**
   * One call.
   *
   * @param kernels the group that has the operation
   * @param method the operation
   * @param nullable names of the arguments that may be null by themselves
   * @param arguments valid ones
   */
  record Call(Object kernels, Method method, Set<String> nullable, Object... arguments) {
    /** The operation's name in messages and profiles. */
    String name() {
      return method.getName().replaceAll("(?=\\p{Upper})", "_").toLowerCase(Locale.ROOT);
    }

    String parameter(int i) {
      return method.getParameters()[i].getName();
    }

    void run() {
      call(arguments);
    }

    /** Calls with one argument replaced. */
    void with(int i, Object replacement) {
      Object[] replaced = arguments.clone();
      replaced[i] = replacement;
      call(replaced);
    }

    private void call(Object[] all) {
      try {
        method.invoke(kernels, all);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException) {
          throw (RuntimeException) e.getCause();
        }
        throw new AssertionError(name(), e.getCause());
      } catch (IllegalAccessException e) {
        throw new AssertionError(name(), e);
      }
    }
  }

  private Tensor tensor(DType dtype, long... extents) {
    Tensor tensor = device.allocate(MemoryTag.ACTIVATIONS, dtype, extents);
    device.transfer().fill(tensor, 0);
    tensors.add(tensor);
    return tensor;
  }

  private Tensor f32(long... extents) {
    return tensor(F32, extents);
  }

  private Tensor i32(long... extents) {
    return tensor(I32, extents);
  }

  private Tensor ints(int... values) {
    Tensor tensor = i32((long) values.length);
    device.transfer().writeInts(values, tensor);
    return tensor;
  }

  private <K> void add(Class<K> group, K kernels, Set<String> nullable, String name, Object... a) {
    Method method =
        Arrays.stream(group.getMethods())
            .filter(candidate -> candidate.getName().equals(name))
            .findAny()
            .orElseThrow();
    calls.add(new Call(kernels, method, nullable, a));
  }

  private void matrix(String name, Object... arguments) {
    add(MatrixKernels.class, device.matrix(), Set.of(), name, arguments);
  }

  private void neural(String name, Object... arguments) {
    add(NeuralKernels.class, device.neural(), Set.of(), name, arguments);
  }

  private void memory(String name, Object... arguments) {
    add(MemoryKernels.class, device.memory(), Set.of(), name, arguments);
  }

  /** Of an operation that needs no mask. */
  private <K> void masked(Class<K> group, K kernels, String name, Object... arguments) {
    add(group, kernels, Set.of("valid"), name, arguments);
  }

  private void random(String name, Object... arguments) {
    add(RandomKernels.class, device.random(), Set.of(), name, arguments);
  }

  private void transfer(String name, Object... arguments) {
    add(TransferKernels.class, device.transfer(), Set.of(), name, arguments);
  }

  private void addMatrix() {
    matrix("gemm", false, true, 1f, f32(N, D), f32(W, D), 0f, f32(N, W));
    BatchedGemm layout =
        new BatchedGemm(
            2,
            3,
            W,
            D,
            new Layout(D, 3L * D, false),
            new Layout(D, 0, true),
            new Layout(W, 3L * W, false));
    matrix("batchedGemm", layout, 1f, f32(N, D), f32(W, D), 0f, f32(N, W));
    matrix("linear", f32(N, D), f32(W, D), f32(N, W));
    matrix("linearInputGradient", f32(N, W), f32(W, D), ADD, f32(N, D));
    matrix("linearWeightGradient", f32(N, W), f32(N, D), f32(W, D));
  }

  private void addNorms() {
    Tensor rstd = f32(N);
    add(
        NeuralKernels.class,
        device.neural(),
        Set.of("weight"),
        "rmsNorm",
        f32(N, D),
        f32(D),
        1e-5f,
        f32(N, D),
        rstd);
    add(
        NeuralKernels.class,
        device.neural(),
        Set.of("weight"),
        "addRmsNorm",
        f32(N, D),
        f32(N, D),
        f32(D),
        1e-5f,
        f32(N, D),
        f32(N, D),
        rstd);
    add(
        NeuralKernels.class,
        device.neural(),
        Set.of("dWeight"),
        "rmsNormBackward",
        f32(N, D),
        f32(N, D),
        f32(D),
        rstd,
        REPLACE,
        f32(N, D),
        f32(D));
    masked(
        NeuralKernels.class,
        device.neural(),
        "batchNorm",
        f32(N, D),
        i32(N),
        f32(D),
        f32(D),
        1e-5f,
        0.1f,
        f32(D),
        f32(D),
        f32(N, D),
        f32(D),
        f32(D));
    neural("batchNormEvaluate", f32(N, D), f32(D), f32(D), 1e-5f, f32(D), f32(D), f32(N, D));
    masked(
        NeuralKernels.class,
        device.neural(),
        "batchNormBackward",
        f32(N, D),
        f32(N, D),
        i32(N),
        f32(D),
        f32(D),
        f32(D),
        f32(N, D),
        f32(D),
        f32(D));
  }

  private void addActivations() {
    neural("add", f32(N, D), f32(N, D), f32(N, D));
    neural("sum", f32(N, D), 1f, REPLACE, f32(1));
    neural("swiGlu", f32(N, 2 * D), f32(N, D));
    neural("swiGluBackward", f32(N, D), f32(N, 2 * D), f32(N, 2 * D));
    neural("siluGate", f32(N, D), f32(N, D), f32(N, D));
    neural("siluGateBackward", f32(N, D), f32(N, D), f32(N, D), f32(N, D), f32(N, D));
    neural("softmaxCrossEntropy", f32(N, D), i32(N), f32(N), f32(N));
    neural("crossEntropy", f32(N, D), i32(N), f32(N));
  }

  private void addAttention() {
    AttentionShape shape = new AttentionShape(2, 3, 2, 1, 4);
    Tensor qkv = f32(N, 16);
    Tensor out = f32(N, 8);
    Tensor sums = f32(2, 2, 3);
    neural("rotary", f32(N, 8), f32(3, 8), 3, 1, 0, false);
    neural("attention", qkv, shape, out, sums);
    neural("attentionBackward", f32(N, 8), qkv, out, sums, shape, f32(N, 16));
    neural("attentionDecode", qkv, shape, f32(2, 7, 4), f32(2, 7, 4), 4, out);
  }

  private void addRows() {
    Tensor distinct = ints(2, 0, 1);
    memory("gatherRows", f32(7, W), i32(N), f32(N, W));
    memory("scatterRows", f32(3, W), distinct, f32(7, W));
    memory("scatterAddRows", f32(N, W), i32(N), f32(7, W));
    memory("blendRows", f32(3, W), distinct, 0.5f, f32(7, W));
    memory("decodeTokenMemory", f32(9, W), i32(7, 3), i32(N), f32(N, W));
    memory("decodeTokenMemoryBackward", f32(N, W), i32(7, 3), i32(N), f32(9, W));
    memory("countIndices", i32(N), i32(7));
    memory("listRows", i32(7), i32(7), i32(1));
    memory("zeroRows", distinct, ints(2), f32(7, W));
  }

  private void addGate() {
    Tensor queries = f32(N, 2 * D);
    Tensor keys = f32(1, 2, 3, D);
    Tensor indices = i32(N, 1, S);
    Tensor weights = f32(N, 1, S);
    Tensor sums = f32(N, 1, 2);
    Tensor share = f32(1, 2, 3);
    MemoryKernels memory = device.memory();
    Class<MemoryKernels> group = MemoryKernels.class;
    Tensor mean = f32(1, 2, 3);
    Tensor valid = i32(N);
    masked(
        group, memory, "productKeyTopK", queries, keys, valid, indices, weights, sums, share, mean);
    masked(
        group,
        memory,
        "productKeyBackward",
        queries,
        keys,
        valid,
        indices,
        weights,
        f32(N, 1, S),
        sums,
        share,
        1f,
        f32(N, 2 * D),
        f32(1, 2, 3, D));
    memory("balanceLoss", share, f32(1, 2, 3), 1f, f32(1));
  }

  private void addReads() {
    Tensor reads = f32(N, S, W);
    Tensor weights = f32(N, S);
    Tensor queries = f32(N, 3, W);
    Tensor z = f32(N, D + S * W);
    Tensor p = f32(N, 3, S);
    memory("concatWeighted", f32(N, D), reads, weights, z);
    memory(
        "concatWeightedBackward",
        f32(N, D + S * W),
        z,
        weights,
        ADD,
        f32(N, D),
        f32(N, S, W),
        f32(N, S));
    addConcats(weights, z);
    memory("weightedSum", reads, weights, f32(N, W));
    memory("weightedSumBackward", f32(N, W), reads, weights, f32(N, S, W), f32(N, S));
    memory("embeddingBag", f32(7, W), i32(N, S), weights, f32(N, W));
    add(
        MemoryKernels.class,
        device.memory(),
        Set.of("dTable"),
        "embeddingBagBackward",
        f32(N, W),
        f32(7, W),
        i32(N, S),
        weights,
        f32(7, W),
        f32(N, S));
    memory("entryAttention", queries, reads, weights, 0.5f, f32(N, 3, W), p);
    memory(
        "entryAttentionBackward",
        f32(N, 3, W),
        queries,
        reads,
        weights,
        0.5f,
        p,
        f32(N, 3, W),
        f32(N, S, W),
        f32(N, S));
  }

  private void addConcats(Tensor weights, Tensor z) {
    Tensor indices = i32(N, S);
    Tensor bank = i32(7, 3);
    Tensor order = i32(N * S);
    device.transfer().writeInts(IntStream.range(0, N * S).toArray(), order);
    Tensor dz = f32(N, D + S * W);
    memory("concatTokens", f32(N, D), f32(9, W), bank, indices, weights, z, i32(N * S));
    add(
        MemoryKernels.class,
        device.memory(),
        Set.of("dEmbeddings"),
        "concatTokensBackward",
        dz,
        z,
        bank,
        indices,
        weights,
        order,
        ADD,
        f32(N, D),
        f32(9, W),
        f32(N, S));
    memory("concatRows", f32(N, D), f32(7, W), indices, weights, z);
    add(
        MemoryKernels.class,
        device.memory(),
        Set.of("dTable"),
        "concatRowsBackward",
        dz,
        z,
        indices,
        weights,
        REPLACE,
        f32(N, D),
        f32(7, W),
        f32(N, S));
  }

  private void addUpdates() {
    Tensor order = ints(0, 1, 2, 3, 4, 5);
    Tensor starts = ints(0, 3, 6, 0, 0, 0, 0);
    memory("groupSelections", ints(1, 2, 1, 0, 0, 2), 3L, 1L, i32(N), i32(N), i32(N + 1));
    memory("maskSelections", i32(N), i32(3), i32(N));
    masked(
        MemoryKernels.class,
        device.memory(),
        "scatterMean",
        f32(3, W),
        i32(3),
        order,
        starts,
        0,
        S,
        3,
        1,
        f32(2, W),
        f32(2));
    memory("scaleToMeanNorm", f32(9, W), f32(2, W));
    memory("nearestToken", f32(9, W), i32(2, 3), f32(2), f32(2, W), i32(2, 3));
    Tensor entries = ints(0, 1, 0, 0, 0, 0);
    memory("episodicTokens", order, entries, starts, 2, i32(1, 3), S, 1f, -1, 5L, i32(7, 2));
  }

  private void addContexts() {
    Tensor ids = i32(2, 3);
    Tensor indices = i32(N, S);
    Tensor tags = i32(N, S);
    Tensor bank = i32(7, 2);
    Tensor owners = i32(7);
    Tensor votes = i32(7);
    Tensor kinds = i32(N, S);
    Tensor weights = f32(N, 2 * S);
    context("contextAddresses", ids, i32(S), 7L, indices, tags);
    Tensor origins = i32(7);
    Tensor sources = i32(N);
    Tensor tokens = i32(N, 2 * S);
    context("lookUpContexts", bank, owners, votes, origins, indices, tags, sources, tokens, kinds);
    context("placeWeights", f32(N, 2 * S), kinds, f32(2 * S, 3), weights, f32(N, S));
    Tensor dLogits = f32(N, 2 * S);
    context("placeWeightsBackward", f32(N, 2 * S), kinds, weights, dLogits, f32(2 * S, 3));
    Tensor latest = i32(7);
    device.transfer().fill(latest, -1);
    context(
        "rememberContexts",
        ids,
        indices,
        tags,
        sources,
        0,
        3,
        -1,
        latest,
        bank,
        owners,
        votes,
        origins);
  }

  private void context(String name, Object... arguments) {
    add(ContextKernels.class, device.context(), Set.of("dBias"), name, arguments);
  }

  private void addOthers() {
    add(
        OptimizerKernels.class,
        device.optimizer(),
        Set.of("copy"),
        "adamW",
        f32(W),
        f32(W),
        f32(W),
        f32(W),
        null,
        new AdamWSettings(0.9f, 0.95f, 1e-8f, 0f),
        schedule(),
        f32(1));
    add(
        OptimizerKernels.class,
        device.optimizer(),
        Set.of(),
        "sumOfSquares",
        f32(W),
        REPLACE,
        f32(1));
    add(
        OptimizerKernels.class,
        device.optimizer(),
        Set.of("copy"),
        "adamWRows",
        f32(7, W),
        f32(7, W),
        f32(7, W),
        f32(7, W),
        null,
        ints(2, 0, 1),
        ints(2),
        new AdamWSettings(0.9f, 0.95f, 1e-8f, 0f),
        schedule(),
        f32(1));
    add(
        OptimizerKernels.class,
        device.optimizer(),
        Set.of(),
        "sumOfSquaresRows",
        f32(7, W),
        ints(2, 0, 1),
        ints(2),
        REPLACE,
        f32(1));
    add(
        OptimizerKernels.class,
        device.optimizer(),
        Set.of(),
        "clipFactors",
        f32(2),
        f32(2),
        f32(2),
        ints(0));
    add(
        OptimizerKernels.class,
        device.optimizer(),
        Set.of(),
        "restoreUnlessFinite",
        f32(1),
        f32(W),
        f32(W));
    random("normal", f32(W), 0f, 1f, 3L);
    random("uniform", f32(W), 0f, 1f, 3L);
    random("uniformInts", i32(W), 0, 9, 3L);
    transfer("write", ByteBuffer.allocate(0), f32(0));
    transfer("read", f32(0), ByteBuffer.allocate(0));
    transfer("copy", f32(W), f32(W));
    transfer("fill", f32(W), 2.0);
    transfer("writeFloats", new float[W], f32(W));
    transfer("writeInts", new int[W], i32(W));
    transfer("readFloats", f32(W));
    transfer("readInts", i32(W));
  }

  private Tensor schedule() {
    Tensor schedule = f32(3);
    device.transfer().fill(schedule, 0.5);
    return schedule;
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
  }
}
