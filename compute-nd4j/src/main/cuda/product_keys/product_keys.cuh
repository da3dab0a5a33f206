// SPDX-License-Identifier: Apache-2.0
// What several programs of product keys share.
#pragma once
#include "common.cuh"

// What selections give to scores, [halves, selected, positions]: the sub-key above the gradient in
// bf16, equal sub-keys of a position added up in the first of them; the others have NO_SUB_KEY.
constexpr uint NO_SUB_KEY = 0xffff;

// Sums of up to SLAB_WARPS warps, each of its slabs; a block has SLAB_COLUMNS columns.
constexpr int SLAB_WARPS = 8;
constexpr int SLAB_COLUMNS = 128;
using SlabSums = float[SLAB_WARPS][SLAB_COLUMNS];

// Each warp of the block adds up slabs of partial [slabs, length], a block's width apart; a lane has
// four columns. Contains a barrier.
__device__ __forceinline__ void addSlabsOfWarp(const float* partial, int slabs, long long length,
                                               SlabSums& sums) {
  long long i = (long long)blockIdx.x * SLAB_COLUMNS + 4 * lane();
  bool wide = length % 4 == 0 && i < length;
  float sum[4] = {};
#pragma unroll 4
  for (int slab = warp(); slab < slabs; slab += blockDim.x >> 5) {
    float of[4] = {};
    if (wide) {
      load(partial + slab * length + i, of);
    } else {
#pragma unroll
      for (int c = 0; c < 4; c++) {
        if (i + c < length) of[c] = partial[slab * length + i + c];
      }
    }
#pragma unroll
    for (int c = 0; c < 4; c++) sum[c] += of[c];
  }
  store(sum, &sums[warp()][4 * lane()]);
  __syncthreads();
}

// The sum of a column over the block's warps, in order.
__device__ __forceinline__ float columnSum(const SlabSums& sums, int column) {
  float sum = 0;
  for (int w = 0; w < (int)(blockDim.x >> 5); w++) sum += sums[w][column];
  return sum;
}
