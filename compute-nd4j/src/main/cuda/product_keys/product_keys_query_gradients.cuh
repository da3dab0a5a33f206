// SPDX-License-Identifier: Apache-2.0
// The gradients of queries; see product_keys_mma.cuh. With f' = factor·share, a score's gradient is
// P·(f' − Σ f'·P), plus what the selections give.
#pragma once
#include "product_keys.cuh"
#include "product_keys_mma.cuh"

#if MNEME_BF16
// Adds to a lane's four rows, 8 apart from `position` on, the keys that they selected.
__device__ __forceinline__ void addSelected(float (&sums)[2][HALF / 8][4], const bf16* keys,
                                            const uint* gradients, int position, int positions,
                                            int selected) {
  for (int s = 0; s < selected; s++) {
    const bf16* key[4];
    float d[4];
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int row = position + 8 * r;
      uint entry = row < positions ? gradients[(long long)s * positions + row] : 0;
      bool found = entry >> 16 != NO_SUB_KEY;
      d[r] = found ? lowBf16(entry) : 0;
      key[r] = keys + (long long)(found ? entry >> 16 : 0) * HALF + 2 * (lane() % 4);
    }
#pragma unroll
    for (int i = 0; i < HALF / 8; i++)
#pragma unroll
      for (int r = 0; r < 4; r++) {
        uint pair = *reinterpret_cast<const uint*>(key[r] + 8 * i);
        sums[r / 2][i][r % 2 * 2] += d[r] * lowBf16(pair);
        sums[r / 2][i][r % 2 * 2 + 1] += d[r] * highBf16(pair);
      }
  }
}

// A pass over keys: a warp's queries, their log-sum-exps in powers of 2, and sums of f'·P.
struct QueryRows {
  Fragments rows;
  float shifts[4];
  float means[4];

  // Probabilities of 16 columns of a tile; without branches but for EDGE, a tile of which only
  // `left` rows are keys, so that products and exponentials of different columns overlap.
  template <bool EDGE>
  __device__ __forceinline__ void probabilities(Scores& p, const bf16* tile, int column, int left) {
    score(p, rows, tile, column);
    if (EDGE) dropColumns(p, column, left);
#pragma unroll
    for (int r = 0; r < 4; r++)
#pragma unroll
      for (int c = 0; c < 4; c++) {
        float& s = scoreOf(p, r, c / 2, c % 2);
        s = exp2Fast(fmaf(s, LOG2E, -shifts[r]));
      }
  }

  // The f' of a lane's columns are 8 apart for each pair.
  template <bool EDGE>
  __device__ __forceinline__ void addMeans(const bf16* tile, const float* f, int left) {
#pragma unroll
    for (int column = 0; column < TILE; column += 16) {
      Scores p;
      probabilities<EDGE>(p, tile, column, left);
#pragma unroll
      for (int c = 0; c < 4; c++)
#pragma unroll
        for (int r = 0; r < 4; r++) {
          means[r] += scoreOf(p, r, c / 2, c % 2) * f[column + c / 2 * 8 + c % 2];
        }
    }
  }

  // sums += P·(f' − mean)·keys.
  template <bool EDGE>
  __device__ __forceinline__ void addProducts(float (&sums)[2][HALF / 8][4], const bf16* tile,
                                              const float* f, int left) {
#pragma unroll
    for (int column = 0; column < TILE; column += 16) {
      Scores p;
      probabilities<EDGE>(p, tile, column, left);
#pragma unroll
      for (int c = 0; c < 4; c++)
#pragma unroll
        for (int r = 0; r < 4; r++) {
          scoreOf(p, r, c / 2, c % 2) *= f[column + c / 2 * 8 + c % 2] - means[r];
        }
      uint factors[2][4];
      packScores(factors, p);
      addProduct(sums, factors, tile, column);
    }
  }
};

// The keys of a half, passed over twice by a block: a tile of them and its f' are copied while the
// one before it is used, the first of the second pass at the first's end.
struct KeyTiles {
  const bf16* keys;
  const float* share;
  float factor;
  int n;
  int count;
  bf16* tiles;    // two
  float* shares;  // of two tiles

  // Begins to copy a tile; this thread's f' of it.
  __device__ __forceinline__ float copy(int i) const {
    copyTile(tiles + i % 2 * TILE * STRIDE, keys, HALF, i % count * TILE, n);
    copyAsyncCommit();
    int subKey = i % count * TILE + threadIdx.x;
    return threadIdx.x < TILE && subKey < n ? factor * share[subKey] : 0.f;
  }

  __device__ __forceinline__ void begin() const {
    float first = copy(0);
    if (threadIdx.x < TILE) shares[threadIdx.x] = first;
  }

  // Calls a function with each tile of a pass, its f' and the number of keys from it on.
  template <typename Use>
  __device__ __forceinline__ void pass(int from, const Use& use) const {
    for (int i = from; i < from + count; i++) {
      copyAsyncWait<0>();
      __syncthreads();
      float next = i + 1 < 2 * count ? copy(i + 1) : 0.f;
      use(tiles + i % 2 * TILE * STRIDE, shares + i % 2 * TILE + 2 * (lane() % 4),
          n - (i - from) * TILE);
      if (threadIdx.x < TILE) shares[(i + 1) % 2 * TILE + threadIdx.x] = next;
    }
  }
};

// dQueries [positions, halves, HALF] and means Σ f'·P [halves, positions], one block for 128
// positions and a half. A first pass over the keys finds the means. logSumExp [positions, halves];
// without a balance loss share is null and means are not written.
extern "C" __global__ void __launch_bounds__(THREADS, HALF <= 64 ? 3 : 1)
    query_gradients(const bf16* queries, const bf16* keys, const float* logSumExp,
                    const float* share, float factor, const uint* gradients, int positions, int n,
                    int selected, float* means, bf16* dQueries) {
  bf16* tiles = reinterpret_cast<bf16*>(sharedMemory);
  float* shares = reinterpret_cast<float*>(tiles + 2 * TILE * STRIDE);
  int half = blockIdx.y;
  int halves = gridDim.y;
  int first = blockIdx.x * BLOCK_ROWS + warp() * WARP_ROWS;
  int position = first + lane() / 4;
  long long stride = (long long)halves * HALF;
  keys += (long long)half * n * HALF;
  float sums[2][HALF / 8][4] = {};
  if (share != nullptr) {
    share += (long long)half * n;
    QueryRows of;
    loadRows(of.rows, queries + half * HALF, stride, first, positions);
#pragma unroll
    for (int r = 0; r < 4; r++) {
      int row = position + 8 * r;
      of.shifts[r] =
          row < positions ? logSumExp[(long long)row * halves + half] * LOG2E : -FAR_BELOW;
      of.means[r] = 0;
    }
    int count = (n + TILE - 1) / TILE;
    KeyTiles over = {keys, share, factor, n, count, tiles, shares};
    over.begin();
    over.pass(0, [&](const bf16* tile, const float* f, int left) {
      if (left >= TILE) {
        of.addMeans<false>(tile, f, left);
      } else {
        of.addMeans<true>(tile, f, left);
      }
    });
#pragma unroll
    for (int r = 0; r < 4; r++) of.means[r] = rowSum(of.means[r]);
    over.pass(count, [&](const bf16* tile, const float* f, int left) {
      if (left >= TILE) {
        of.addProducts<false>(sums, tile, f, left);
      } else {
        of.addProducts<true>(sums, tile, f, left);
      }
    });
    int row = position + 8 * (lane() % 4);
    if (row < positions) means[(long long)half * positions + row] = ofFour(of.means, lane() % 4);
  }
  gradients += (long long)half * selected * positions;
  addSelected(sums, keys, gradients, position, positions, selected);
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int row = position + 8 * r;
    if (row >= positions) continue;
    bf16* to = dQueries + row * stride + half * HALF + 2 * (lane() % 4);
#pragma unroll
    for (int i = 0; i < HALF / 8; i++) {
      *reinterpret_cast<uint*>(to + 8 * i) =
          packBf16(sums[r / 2][i][r % 2 * 2], sums[r / 2][i][r % 2 * 2 + 1]);
    }
  }
}
#endif
