// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;

/**
 * The norms by which the gradient of a step is clipped, and the factors that follow from them, all
 * on the device. If one norm is not finite, all factors are NaN: the step changes nothing.
 */
final class ClipScopes implements AutoCloseable {
  private final Device device;
  private final Tensor sums;
  private final Tensor finiteSums;
  private final Tensor limits;
  private final Tensor factors;
  private final Tensor skipped;
  private final List<ClipScope> scopes = new ArrayList<>();
  private final Closer closer = new Closer();

  /**
   * Scopes of a gradient arena.
   *
   * @param maxNorms the largest norm of each scope; 0 for no limit
   */
  ClipScopes(Device device, Tensor gradients, List<Double> maxNorms) {
    this.device = device;
    int count = maxNorms.size();
    try {
      this.sums = closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.F32, count));
      this.finiteSums = closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.F32, count));
      this.limits = closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.F32, count));
      this.factors = closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.F32, count));
      this.skipped = closer.add(device.allocate(MemoryTag.OPTIMIZER, DType.I32, 1));
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        // A limit that nothing exceeds, rather than none.
        values[i] = maxNorms.get(i) > 0 ? maxNorms.get(i).floatValue() : Float.POSITIVE_INFINITY;
        scopes.add(new ClipScope(gradients, sums.rows(i, i + 1L), factors.rows(i, i + 1L)));
      }
      device.transfer().writeFloats(values, limits);
      device.transfer().fill(sums, 0);
      device.transfer().fill(finiteSums, 0);
      device.transfer().fill(factors, 1);
      device.transfer().fill(skipped, 0);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  ClipScope get(int index) {
    return scopes.get(index);
  }

  /** Computes the norms of what moves, and the factors. */
  void measure(List<PhasePlan.Measure> measures) {
    device.transfer().fill(sums, 0);
    measures.forEach(measure -> measure.scope().measure(device, measure.ranges(), measure.rows()));
    device.optimizer().clipFactors(sums, limits, factors, skipped);
    device.transfer().copy(sums, finiteSums);
  }

  /** A number that is finite exactly if all norms that were measured last are [1] F32. */
  Tensor condition() {
    return scopes.get(0).factor();
  }

  /**
   * The squares of the norms that were measured last [G] F32; of the last finite ones if the owner
   * restores it after a step that is not finite.
   */
  Tensor finiteSums() {
    return finiteSums;
  }

  /** Steps that were measured and were not finite, since this was set to 0 [1] I32. */
  Tensor skipped() {
    return skipped;
  }

  /** The norm of all gradients that were measured; waits for the device. */
  double norm(List<PhasePlan.Measure> measures) {
    float[] squares = device.transfer().readFloats(sums);
    return Math.sqrt(
        measures.stream().mapToDouble(measure -> squares[scopes.indexOf(measure.scope())]).sum());
  }

  /** The norm of {@link #finiteSums} over all scopes; waits for the device. */
  double finiteNorm() {
    double sum = 0;
    for (float square : device.transfer().readFloats(finiteSums)) {
      sum += square;
    }
    return Math.sqrt(sum);
  }

  @Override
  public void close() {
    closer.close();
  }
}
