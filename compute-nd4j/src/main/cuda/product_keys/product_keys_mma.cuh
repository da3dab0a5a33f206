// SPDX-License-Identifier: Apache-2.0
// Product keys in bf16 without scores in memory: tiles of them are computed in tensor cores, used
// and dropped. Included with HALF defined, the width of a sub-key: 32, 64 or 128.
//
// Every kernel keeps 128 rows (positions or sub-keys) in registers, 32 for each of 4 warps, and
// passes over the others in tiles of 64. A warp's scores lie as its products leave them: with g =
// lane / 4 and t = lane % 4, a lane has 4 rows, 8·r + g for r = 0 … 3, and of each 8 columns those
// 2·t and 2·t + 1.
#pragma once
#include "mma.cuh"

#if MNEME_BF16
constexpr int WARPS = 4;
constexpr int WARP_ROWS = 32;
constexpr int BLOCK_ROWS = WARPS * WARP_ROWS;
constexpr int THREADS = WARPS * 32;
constexpr int TILE = 64;
constexpr int STEPS = HALF / 16;
constexpr int STRIDE = HALF + 8;  // of a tile's rows, so that ldmatrix has no bank conflicts
constexpr int GRADIENT_STRIDE = TILE + 8;
constexpr float LOG2E = 1.4426950408889634f;
constexpr float FAR_BELOW = -1e30f;  // of every score, but finite

using Fragments = uint[2][STEPS][4];
using Scores = float[2][2][4];  // of 32 rows and 16 columns

extern __shared__ uint4 sharedMemory[];

__device__ __forceinline__ float& scoreOf(Scores& scores, int r, int pair, int element) {
  return scores[r / 2][pair][r % 2 * 2 + element];
}

// 32 rows as left operands; zeros from row `limit` on.
__device__ __forceinline__ void loadRows(Fragments& rows, const bf16* from, long long stride,
                                         int first, int limit) {
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int row = first + 8 * r + lane() / 4;
    const bf16* at = from + row * stride + 2 * (lane() % 4);
#pragma unroll
    for (int i = 0; i < 2 * STEPS; i++) {
      uint pair = row < limit ? *reinterpret_cast<const uint*>(at + 8 * i) : 0u;
      rows[r / 2][i / 2][r % 2 + i % 2 * 2] = pair;
    }
  }
}

// Begins to copy rows first … first + 63 to shared memory; zeros from row `limit` on.
__device__ __forceinline__ void copyTile(bf16* tile, const bf16* from, long long stride, int first,
                                         int limit) {
  constexpr int PARTS = HALF / 8;
#pragma unroll
  for (int i = 0; i < TILE * PARTS / THREADS; i++) {
    int part = i * THREADS + threadIdx.x;
    int row = part / PARTS;
    int column = part % PARTS * 8;
    bool valid = first + row < limit;
    copyAsync16(tile + row * STRIDE + column,
                from + (valid ? first + row : 0) * stride + column, valid);
  }
}

// Scores of 32 rows with the tile's rows `column` … column + 15.
__device__ __forceinline__ void score(Scores& scores, const Fragments& rows, const bf16* tile,
                                      int column) {
#pragma unroll
  for (int m = 0; m < 2; m++)
#pragma unroll
    for (int n = 0; n < 2; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) scores[m][n][i] = 0;
  const bf16* at = tile + (column + lane() / 16 * 8 + lane() % 8) * STRIDE + lane() / 8 % 2 * 8;
#pragma unroll
  for (int step = 0; step < STEPS; step++) {
    uint columns[4];
    ldmatrix4(columns, at + step * 16);
    uint left[2] = {columns[0], columns[1]};
    uint right[2] = {columns[2], columns[3]};
#pragma unroll
    for (int m = 0; m < 2; m++) {
      mma16816(scores[m][0], rows[m][step], left);
      mma16816(scores[m][1], rows[m][step], right);
    }
  }
}

// sums [32, HALF] += factors [32, 16]·rows `first` … first + 15 of the tile.
__device__ __forceinline__ void addProduct(float (&sums)[2][HALF / 8][4],
                                           const uint (&factors)[2][4], const bf16* tile,
                                           int first) {
  const bf16* at = tile + (first + lane() % 16) * STRIDE + lane() / 16 * 8;
#pragma unroll
  for (int step = 0; step < STEPS; step++) {
    uint columns[4];
    ldmatrix4Transposed(columns, at + step * 16);
    uint left[2] = {columns[0], columns[1]};
    uint right[2] = {columns[2], columns[3]};
#pragma unroll
    for (int m = 0; m < 2; m++) {
      mma16816(sums[m][2 * step], factors[m], left);
      mma16816(sums[m][2 * step + 1], factors[m], right);
    }
  }
}

// Of scores' gradients, the left operand of the next product.
__device__ __forceinline__ void packScores(uint (&factors)[2][4], Scores& scores) {
#pragma unroll
  for (int m = 0; m < 2; m++)
#pragma unroll
    for (int i = 0; i < 4; i++) {
      factors[m][i] = packBf16(scores[m][i / 2][i % 2 * 2], scores[m][i / 2][i % 2 * 2 + 1]);
    }
}

// Scores of columns from `limit` on become −infinity.
__device__ __forceinline__ void dropColumns(Scores& scores, int first, int limit) {
#pragma unroll
  for (int r = 0; r < 4; r++)
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int column = first + i / 2 * 8 + 2 * (lane() % 4) + i % 2;
      if (column >= limit) scoreOf(scores, r, i / 2, i % 2) = -MNEME_INFINITY;
    }
}

// The sum over the four lanes of a row.
__device__ __forceinline__ float rowSum(float x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}
__device__ __forceinline__ float rowMax(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}
template <typename T>
__device__ __forceinline__ T ofFour(const T (&x)[4], int i) {
  return i & 2 ? (i & 1 ? x[3] : x[2]) : (i & 1 ? x[1] : x[0]);
}
#endif
