// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.memory;

import org.mneme.compute.DType;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;

/**
 * Means of the features of groups. A warp sums a group; one of many selections is summed in parts
 * by several, and the parts are joined in order.
 */
final class ScatterMean {
  private static final String PROGRAM = "groups";
  private static final int WARPS = 8;

  /** The most selections that one warp sums; of the program. */
  private static final int PART = 256;

  private static final int WIDE_BYTES = 16;

  private final CudaRuntime cuda;

  ScatterMean(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  /** What the means are of, and how it is grouped. */
  record Groups(Tensor features, Tensor valid, Tensor order, Tensor starts, int first) {
    int validities() {
      return valid == null ? 0 : Grids.extent(valid.elementCount());
    }

    int width() {
      return Grids.extent(features.shape().columns());
    }
  }

  /** Which feature row belongs to a selection. */
  record Layout(int slots, int sequence, int shift) {}

  void mean(Groups groups, Layout layout, Tensor means, Tensor counts) {
    long count = counts.elementCount();
    if (count == 0) {
      return;
    }
    // Each group longer than a part has at most twice as many parts as would fill it.
    long selections = groups.order.elementCount();
    long parts = selections > PART ? 2 * selections / PART + 1 : 0;
    try (Tensor sizes = cuda.scratch(DType.I32, 2);
        Tensor partList = cuda.scratch(DType.I32, parts, 3);
        Tensor groupList = cuda.scratch(DType.I32, parts, 2);
        Tensor sums = cuda.scratch(DType.F32, parts, groups.width())) {
      Parts lists = new Parts(sizes, partList, groupList, sums);
      boolean wide = isWide(groups, means);
      cuda.zero(sizes);
      meanOfShort(groups, layout, wide, lists, means, counts);
      if (parts > 0) {
        sumParts(groups, layout, wide, lists);
        join(groups, lists, means, counts);
      }
    }
  }

  /** The groups too long for one warp: how many parts and groups, which, and the parts' sums. */
  private record Parts(Tensor sizes, Tensor parts, Tensor groups, Tensor sums) {
    long most() {
      return parts.shape().rows();
    }
  }

  private boolean isWide(Groups groups, Tensor means) {
    int elements = elementsOf(groups, true);
    return groups.width() % elements == 0
        && cuda.address(groups.features) % WIDE_BYTES == 0
        && cuda.address(means) % WIDE_BYTES == 0;
  }

  /** Columns of a lane. */
  private static int elementsOf(Groups groups, boolean wide) {
    return wide ? WIDE_BYTES / groups.features.dtype().byteCount() : 1;
  }

  /** Strips of columns that a warp takes. */
  private static long strips(Groups groups, boolean wide) {
    long columns = 32L * elementsOf(groups, wide);
    return (groups.width() + columns - 1) / columns;
  }

  private Launch begin(String kernel, long warps, Groups groups, Layout layout, boolean wide) {
    return cuda.kernel(PROGRAM, kernel, groups.features.dtype())
        .grid(Grids.groups(warps, WARPS))
        .block(WARPS * 32)
        .tensor(groups.features)
        .tensor(groups.valid)
        .i32(groups.validities())
        .i32(groups.width())
        .i32(layout.slots)
        .i32(layout.sequence)
        .i32(layout.shift)
        .i32(wide ? 1 : 0)
        .tensor(groups.order)
        .tensor(groups.starts, groups.first);
  }

  private void meanOfShort(
      Groups groups, Layout layout, boolean wide, Parts parts, Tensor means, Tensor counts) {
    int count = Grids.extent(counts.elementCount());
    begin("scatter_mean", count * strips(groups, wide), groups, layout, wide)
        .i32(count)
        .tensor(parts.sizes)
        .tensor(parts.parts)
        .tensor(parts.groups)
        .tensor(parts.sums)
        .tensor(means)
        .tensor(counts)
        .run();
  }

  private void sumParts(Groups groups, Layout layout, boolean wide, Parts parts) {
    long warps = parts.most() * strips(groups, wide);
    begin("scatter_mean_parts", Math.min(warps, mostWarps()), groups, layout, wide)
        .tensor(parts.sizes)
        .tensor(parts.parts)
        .tensor(parts.groups)
        .tensor(parts.sums)
        .run();
  }

  private void join(Groups groups, Parts parts, Tensor means, Tensor counts) {
    long strips = (groups.width() + 31L) / 32;
    long warps = Math.min(parts.most() * strips, mostWarps());
    cuda.kernel(PROGRAM, "scatter_mean_join_f32")
        .grid(Grids.groups(warps, WARPS))
        .block(WARPS * 32)
        .i32(groups.width())
        .tensor(groups.starts, groups.first)
        .tensor(parts.sizes)
        .tensor(parts.parts)
        .tensor(parts.groups)
        .tensor(parts.sums)
        .tensor(means)
        .tensor(counts)
        .run();
  }

  /** Enough to fill the GPU; how many parts there are, only the GPU knows. */
  private long mostWarps() {
    return 4L * WARPS * cuda.multiprocessors();
  }
}
