// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.revival;

import java.util.SplittableRandom;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.Codebook;

/** Fills rows with new contents for revived entries. The few numbers are worked on the host. */
final class RevivedContents {
  private final Device device;
  private final Codebook codebook;
  private final RevivalConfig config;

  RevivedContents(Codebook codebook, RevivalConfig config) {
    this.device = codebook.device();
    this.codebook = codebook;
    this.config = config;
  }

  /** Copies of used entries, varied. */
  void used(UsedEntries used, SplittableRandom random, Tensor rows) {
    int size = Math.toIntExact(rows.shape().extent(0));
    int[] sources = used.draw(size, random);
    gather(codebook.bank(), sources, rows);
    if (config.noise() > 0) {
      if (rows.dtype() == DType.F32) {
        addNoise(rows, random);
      } else {
        cross(used.draw(size, random), rows, random);
      }
    }
  }

  private void addNoise(Tensor rows, SplittableRandom random) {
    float[] values = device.transfer().readFloats(rows);
    int width = codebook.width();
    for (int from = 0; from < values.length; from += width) {
      double squares = 0;
      for (int i = from; i < from + width; i++) {
        squares += (double) values[i] * values[i];
      }
      double deviation = config.noise() * Math.sqrt(squares / width);
      for (int i = from; i < from + width; i++) {
        values[i] += (float) (deviation * random.nextGaussian());
      }
    }
    device.transfer().writeFloats(values, rows);
  }

  private void cross(int[] seconds, Tensor rows, SplittableRandom random) {
    int[] tokens = device.transfer().readInts(rows);
    gather(codebook.bank(), seconds, rows);
    int[] others = device.transfer().readInts(rows);
    for (int i = 0; i < tokens.length; i++) {
      if (random.nextDouble() < config.noise()) {
        tokens[i] = others[i];
      }
    }
    device.transfer().writeInts(tokens, rows);
  }

  /** Features of the batch, of the given rows. */
  void features(Tensor features, int[] available, SplittableRandom random, Tensor rows) {
    int[] sources =
        random
            .ints(rows.shape().extent(0), 0, available.length)
            .map(number -> available[number])
            .toArray();
    if (features.dtype() == rows.dtype()) {
      gather(features, sources, rows);
      return;
    }
    try (Tensor narrow = device.allocate(MemoryTag.WORKSPACE, features.dtype(), rows.shape())) {
      gather(features, sources, narrow);
      device.transfer().copy(narrow, rows);
    }
  }

  private void gather(Tensor table, int[] sources, Tensor rows) {
    try (Tensor index = device.allocate(MemoryTag.WORKSPACE, DType.I32, sources.length)) {
      device.transfer().writeInts(sources, index);
      device.memory().gatherRows(table, index, rows);
    }
  }

  /** Consecutive tokens of the input, from the given first tokens. */
  void phrases(int[] inputIds, int[] starts, SplittableRandom random, Tensor rows) {
    int length = codebook.width();
    int[] tokens = new int[Math.toIntExact(rows.elementCount())];
    for (int from = 0; from < tokens.length; from += length) {
      int start = starts[random.nextInt(starts.length)];
      System.arraycopy(inputIds, start, tokens, from, length);
    }
    device.transfer().writeInts(tokens, rows);
  }
}
