// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.kernels;

import org.mneme.compute.kernels.AttentionShape;
import org.mneme.compute.nd4j.host.HostRuntime;
import org.mneme.compute.nd4j.host.HostTensor;

/** Causal attention, one head after the other, heads shared by the workers. */
final class AttentionKernels {
  private final HostRuntime host;
  private final AttentionBlocks blocks;

  AttentionKernels(HostRuntime host) {
    this.host = host;
    this.blocks = new AttentionBlocks(host);
  }

  void attention(HostTensor qkv, AttentionShape shape, HostTensor out, HostTensor logSumExp) {
    PackedHeads heads = new PackedHeads(shape);
    int sequence = shape.sequence();
    HostTensor scratch = scratch("attention", 1, sequence);
    host.workers()
        .forRange(
            (long) shape.batch() * shape.heads(),
            1,
            (from, to, worker) -> {
              for (long i = from; i < to; i++) {
                int sample = (int) (i / shape.heads());
                int head = (int) (i % shape.heads());
                blocks.forward(
                    heads.query(qkv, sample, head),
                    heads.key(qkv, sample, heads.group(head)),
                    heads.value(qkv, sample, heads.group(head)),
                    heads.output(out, sample, head),
                    new AttentionBlocks.Extents(sequence, 0, shape.headDim()),
                    blocks.scores(scratch, worker, 0, sequence),
                    host.tiles(worker),
                    logSumExp,
                    i * sequence);
              }
            });
  }

  void decode(
      HostTensor qkv,
      AttentionShape shape,
      HostTensor keyCache,
      HostTensor valueCache,
      int firstPosition,
      HostTensor out) {
    PackedHeads heads = new PackedHeads(shape);
    long capacity = keyCache.shape().extent(1);
    store(qkv, shape, heads.keyColumn(), keyCache, capacity, firstPosition);
    store(qkv, shape, heads.valueColumn(), valueCache, capacity, firstPosition);
    int keys = firstPosition + shape.sequence();
    HostTensor scratch = scratch("attention_decode", 1, keys);
    int width = Math.toIntExact(shape.keyValueColumns());
    host.workers()
        .forRange(
            (long) shape.batch() * shape.heads(),
            1,
            (from, to, worker) -> {
              for (long i = from; i < to; i++) {
                int sample = (int) (i / shape.heads());
                int head = (int) (i % shape.heads());
                long cached =
                    sample * capacity * width + (long) heads.group(head) * shape.headDim();
                blocks.forward(
                    heads.query(qkv, sample, head),
                    new Strided(keyCache, cached, width),
                    new Strided(valueCache, cached, width),
                    heads.output(out, sample, head),
                    new AttentionBlocks.Extents(shape.sequence(), firstPosition, shape.headDim()),
                    blocks.scores(scratch, worker, 0, keys),
                    host.tiles(worker),
                    null,
                    0);
              }
            });
  }

  private void store(
      HostTensor qkv,
      AttentionShape shape,
      long column,
      HostTensor cache,
      long capacity,
      int firstPosition) {
    int width = Math.toIntExact(shape.keyValueColumns());
    float[] row = host.tiles(0).floats(0, width);
    for (long r = 0; r < shape.positions(); r++) {
      long sample = r / shape.sequence();
      long position = firstPosition + r % shape.sequence();
      qkv.get(r * shape.packedColumns() + column, row, 0, width);
      cache.put((sample * capacity + position) * width, row, 0, width);
    }
  }

  void backward(
      HostTensor dOut,
      HostTensor qkv,
      HostTensor out,
      HostTensor logSumExp,
      AttentionShape shape,
      HostTensor dQkv) {
    int sequence = shape.sequence();
    long rows = (long) shape.batch() * shape.heads() * sequence;
    HostTensor products = host.workspace().floats("attention_backward_products", rows);
    outputProducts(dOut, out, shape, products);
    HostTensor scratch = scratch("attention_backward", 2, sequence);
    PackedHeads heads = new PackedHeads(shape);
    // All query heads of a key head in one task, so that its gradient is summed in one order.
    host.workers()
        .forRange(
            (long) shape.batch() * shape.keyValueHeads(),
            1,
            (from, to, worker) -> {
              for (long i = from; i < to; i++) {
                int sample = (int) (i / shape.keyValueHeads());
                int group = (int) (i % shape.keyValueHeads());
                for (int head = heads.firstHead(group); head < heads.firstHead(group + 1); head++) {
                  new AttentionGradient(
                          blocks,
                          new AttentionBlocks.Extents(sequence, 0, shape.headDim()),
                          heads.query(qkv, sample, head),
                          heads.key(qkv, sample, group),
                          heads.value(qkv, sample, group),
                          heads.output(dOut, sample, head),
                          heads.query(dQkv, sample, head),
                          heads.key(dQkv, sample, group),
                          heads.value(dQkv, sample, group))
                      .run(
                          head == heads.firstHead(group),
                          logSumExp,
                          products,
                          ((long) sample * shape.heads() + head) * sequence,
                          blocks.scores(scratch, worker, 0, sequence),
                          blocks.scores(scratch, worker, 1, sequence),
                          host.tiles(worker));
                }
              }
            });
  }

  /** ⟨dOut, out⟩ of each row and head, [B, H, T]. */
  private void outputProducts(
      HostTensor dOut, HostTensor out, AttentionShape shape, HostTensor products) {
    int width = Math.toIntExact(shape.outputColumns());
    int headDim = shape.headDim();
    int sequence = shape.sequence();
    host.workers()
        .forRange(
            shape.positions(),
            RowTiles.rows(width),
            (from, to, worker) -> {
              float[] gradient = host.tiles(worker).floats(0, width);
              float[] output = host.tiles(worker).floats(1, width);
              float[] one = host.tiles(worker).floats(2, 1);
              for (long row = from; row < to; row++) {
                dOut.get(row * width, gradient, 0, width);
                out.get(row * width, output, 0, width);
                long first = row / sequence * shape.heads() * sequence + row % sequence;
                for (int head = 0; head < shape.heads(); head++) {
                  int at = head * headDim;
                  one[0] = host.vectors().dot(gradient, at, output, at, headDim);
                  products.put(first + (long) head * sequence, one, 0, 1);
                }
              }
            });
  }

  private HostTensor scratch(String name, int matrices, int keys) {
    return host.workspace()
        .floats(name, (long) host.workers().count() * matrices * AttentionBlocks.QUERIES * keys);
  }
}
