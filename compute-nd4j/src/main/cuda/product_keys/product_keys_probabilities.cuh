// SPDX-License-Identifier: Apache-2.0
// The sums of probabilities over positions; see product_keys_mma.cuh.
#pragma once
#include "product_keys_mma.cuh"

#if MNEME_BF16
// Sums of probabilities over slabs of positions, [slabs, halves, n]: one block for 128 sub-keys, a
// half and a slab.
extern "C" __global__ void __launch_bounds__(THREADS)
    sum_probabilities(const bf16* queries, const bf16* keys, const float* logSumExp, int positions,
                      int n, int slabRows, float* partial) {
  bf16* tiles = reinterpret_cast<bf16*>(sharedMemory);
  float* logs = reinterpret_cast<float*>(tiles + 2 * TILE * STRIDE);
  int half = blockIdx.y;
  int halves = gridDim.y;
  int first = blockIdx.x * BLOCK_ROWS + warp() * WARP_ROWS;
  int from = blockIdx.z * slabRows;
  int to = min(positions, from + slabRows);
  int count = (to - from + TILE - 1) / TILE;
  queries += half * HALF;
  logSumExp += half;
  long long stride = (long long)halves * HALF;
  Fragments rows;
  loadRows(rows, keys + (long long)half * n * HALF, HALF, first, n);
  float sums[4] = {};
  // What lies behind the last position has probability 0.
  auto logOf = [&](int position) {
    return position < to ? logSumExp[(long long)position * halves] * LOG2E : -FAR_BELOW;
  };
  copyTile(tiles, queries, stride, from, to);
  copyAsyncCommit();
  if (threadIdx.x < TILE) logs[threadIdx.x] = logOf(from + threadIdx.x);
  for (int i = 0; i < count; i++) {
    copyAsyncWait<0>();
    __syncthreads();
    const bf16* tile = tiles + i % 2 * TILE * STRIDE;
    const float* shifts = logs + i % 2 * TILE + 2 * (lane() % 4);
    float next = 0;
    if (i + 1 < count) {
      int position = from + (i + 1) * TILE;
      copyTile(tiles + (i + 1) % 2 * TILE * STRIDE, queries, stride, position, to);
      copyAsyncCommit();
      if (threadIdx.x < TILE) next = logOf(position + threadIdx.x);
    }
#pragma unroll
    for (int column = 0; column < TILE; column += 16) {
      Scores scores;
      score(scores, rows, tile, column);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        float shift = shifts[column + c / 2 * 8 + c % 2];
#pragma unroll
        for (int r = 0; r < 4; r++) {
          sums[r] += exp2Fast(fmaf(scoreOf(scores, r, c / 2, c % 2), LOG2E, -shift));
        }
      }
    }
    if (threadIdx.x < TILE) logs[(i + 1) % 2 * TILE + threadIdx.x] = next;
  }
#pragma unroll
  for (int r = 0; r < 4; r++) sums[r] = rowSum(sums[r]);
  int subKey = first + 8 * (lane() % 4) + lane() / 4;
  if (subKey >= n) return;
  partial[((long long)blockIdx.z * halves + half) * n + subKey] = ofFour(sums, lane() % 4);
}
#endif
