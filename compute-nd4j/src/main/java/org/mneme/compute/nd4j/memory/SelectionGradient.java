// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/**
 * The gradient of product-key selection without the balance loss: it reaches the selected sub-keys
 * only, so it is a few scaled rows for each position.
 */
final class SelectionGradient {
  private static final int POSITION_GRAIN = 64;
  private static final int KEY_GRAIN = 8;

  private final HostRuntime host;
  private final InvertedIndex index = new InvertedIndex();

  SelectionGradient(HostRuntime host) {
    this.host = host;
  }

  void add(ProductKeyGradient.Arguments arguments) {
    ProductKeyShape shape = new ProductKeyShape(arguments.keys(), arguments.indices());
    long selections = arguments.indices().elementCount();
    HostTensor dSums = host.workspace().floats("selection_gradient", selections);
    addToQueries(shape, arguments, dSums);
    for (int half = 0; half < shape.halves(); half++) {
      indexSubKeys(shape, arguments.indices(), half);
      addToKeys(shape, arguments, dSums, half);
    }
  }

  /**
   * Turns w·∂L/∂w into gradients of the sums under the softmax: d[s] − w[s]·Σ d, by groups of
   * {@code selected}.
   */
  static void softmaxBackward(float[] d, float[] weights, int length, int selected) {
    for (int at = 0; at < length; at += selected) {
      double sum = 0;
      double total = 0;
      for (int s = at; s < at + selected; s++) {
        sum += d[s];
        total += weights[s];
      }
      // Of weights that sum to exactly 1: where one of them is near 1, little is left of d.
      for (int s = at; s < at + selected; s++) {
        d[s] = (float) (d[s] - weights[s] * sum / total);
      }
    }
  }

  private void addToQueries(
      ProductKeyShape shape, ProductKeyGradient.Arguments arguments, HostTensor dSums) {
    int perPosition = shape.selections(1);
    host.workers()
        .forRange(
            shape.positions,
            POSITION_GRAIN,
            (from, to, worker) -> {
              int length = shape.selections((int) (to - from));
              int[] chosen = host.tiles(worker).ints(0, length);
              float[] d = host.tiles(worker).floats(0, length);
              float[] weights = host.tiles(worker).floats(1, length);
              float[] zeros = host.tiles(worker).floats(2, shape.queryWidth());
              Arrays.fill(zeros, 0, shape.queryWidth(), 0f);
              arguments.indices().get(from * perPosition, chosen, 0, length);
              arguments.dLogWeights().get(from * perPosition, d, 0, length);
              arguments.weights().get(from * perPosition, weights, 0, length);
              softmaxBackward(d, weights, length, shape.selected);
              dSums.put(from * perPosition, d, 0, length);
              FloatPointer key = arguments.keys().floats(0);
              FloatPointer sum = arguments.dQueries().floats(0);
              for (int i = 0; i < length; i++) {
                int head = i / shape.selected % shape.heads;
                long query = (from + i / perPosition) * shape.queryWidth();
                if (i % perPosition == 0) {
                  arguments.dQueries().put(query, zeros, 0, shape.queryWidth());
                }
                for (int part = 0; part < 2; part++) {
                  int half = 2 * head + part;
                  long subKey = (long) half * shape.subKeys + shape.subKey(chosen[i], part);
                  key.position(subKey * shape.halfWidth);
                  sum.position(query + (long) half * shape.halfWidth);
                  host.blas().saxpy(shape.halfWidth, d[i], key, sum);
                }
              }
            });
  }

  /** Groups the selections of one head by the sub-key of one half. */
  private void indexSubKeys(ProductKeyShape shape, HostTensor indices, int half) {
    int count = Math.multiplyExact(shape.positions, shape.selected);
    int[] keys = index.keys(count);
    for (int position = 0; position < shape.positions; position++) {
      long from = ((long) position * shape.heads + half / 2) * shape.selected;
      indices.get(from, keys, position * shape.selected, shape.selected);
    }
    for (int i = 0; i < count; i++) {
      keys[i] = shape.subKey(keys[i], half % 2);
    }
    index.build(count, shape.subKeys);
  }

  private void addToKeys(
      ProductKeyShape shape, ProductKeyGradient.Arguments arguments, HostTensor dSums, int half) {
    host.workers()
        .forRange(
            index.groups(),
            KEY_GRAIN,
            (from, to, worker) -> {
              float[] d = host.tiles(worker).floats(0, 1);
              FloatPointer query = arguments.queries().floats(0);
              FloatPointer sum = arguments.dKeys().floats(0);
              for (int group = (int) from; group < to; group++) {
                long subKey = (long) half * shape.subKeys + index.key(group);
                sum.position(subKey * shape.halfWidth);
                for (int i = index.start(group); i < index.start(group + 1); i++) {
                  int position = index.member(i) / shape.selected;
                  int slot = index.member(i) % shape.selected;
                  dSums.get(
                      ((long) position * shape.heads + half / 2) * shape.selected + slot, d, 0, 1);
                  query.position(
                      (long) position * shape.queryWidth() + (long) half * shape.halfWidth);
                  host.blas().saxpy(shape.halfWidth, d[0], query, sum);
                }
              }
            });
  }
}
