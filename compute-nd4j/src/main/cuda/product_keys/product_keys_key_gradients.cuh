// SPDX-License-Identifier: Apache-2.0
// The gradients of keys, from those of scores as in product_keys_query_gradients.cuh.
#pragma once
#include "product_keys_mma.cuh"

#if MNEME_BF16
// What the selections of a tile of positions give to a warp's 32 sub-keys: of [32, TILE].
__device__ __forceinline__ void scatterSelected(bf16* of, const uint* entries, int selected,
                                                int firstSubKey) {
  uint4* words = reinterpret_cast<uint4*>(of);
  for (int i = lane(); i < WARP_ROWS * GRADIENT_STRIDE / 8; i += 32) {
    words[i] = make_uint4(0, 0, 0, 0);
  }
  __syncwarp();
  for (int s = 0; s < selected; s++) {
#pragma unroll
    for (int column = lane(); column < TILE; column += 32) {
      uint entry = entries[s * TILE + column];
      uint row = (entry >> 16) - (uint)firstSubKey;
      if (row < WARP_ROWS) of[row * GRADIENT_STRIDE + column].bits = (unsigned short)entry;
    }
  }
  __syncwarp();
}

// sums += gradients of scores·queries of a tile, whose log-sum-exps and means begin at a lane's first
// column; without branches, so that products and exponentials of different columns overlap. rows are
// sub-keys, f the f' of a lane's; selections [32, TILE].
template <bool BALANCED>
__device__ __forceinline__ void addKeyProducts(float (&sums)[2][HALF / 8][4], const Fragments& rows,
                                               const float (&f)[4], const bf16* tile,
                                               const float* logs, const float* means,
                                               const bf16* selections) {
#pragma unroll
  for (int column = 0; column < TILE; column += 16) {
    uint factors[2][4] = {};
    if (BALANCED) {
      Scores scores;
      score(scores, rows, tile, column);
#pragma unroll
      for (int c = 0; c < 4; c++) {
        float shift = logs[column + c / 2 * 8 + c % 2];
        float mean = means[column + c / 2 * 8 + c % 2];
#pragma unroll
        for (int r = 0; r < 4; r++) {
          float& s = scoreOf(scores, r, c / 2, c % 2);
          s = exp2Fast(fmaf(s, LOG2E, -shift)) * (f[r] - mean);
        }
      }
      packScores(factors, scores);
    }
#pragma unroll
    for (int m = 0; m < 2; m++) {
      uint given[4];
      ldmatrix4(given,
                selections + (m * 16 + lane() % 16) * GRADIENT_STRIDE + column + lane() / 16 * 8);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        factors[m][j] = BALANCED ? addBf16(factors[m][j], given[j]) : given[j];
      }
    }
    addProduct(sums, factors, tile, column);
  }
}

// Gradients of keys over slabs of positions, [slabs, halves, n, HALF]: one block for 128 sub-keys,
// a half and a slab; slabs begin at multiples of TILE. means [halves, positions] as written by
// query_gradients.
extern "C" __global__ void __launch_bounds__(THREADS, HALF <= 64 ? 3 : 1)
    key_gradients(const bf16* queries, const bf16* keys, const float* logSumExp,
                  const float* share, float factor, const float* means, const uint* gradients,
                  int positions, int n, int selected, int slabRows, float* partial) {
  bf16* tiles = reinterpret_cast<bf16*>(sharedMemory);
  float* logs = reinterpret_cast<float*>(tiles + 2 * TILE * STRIDE);
  float* meanOf = logs + 2 * TILE;
  bf16* selections =
      reinterpret_cast<bf16*>(meanOf + 2 * TILE) + warp() * WARP_ROWS * GRADIENT_STRIDE;
  uint* entries = reinterpret_cast<uint*>(reinterpret_cast<bf16*>(meanOf + 2 * TILE) +
                                          BLOCK_ROWS * GRADIENT_STRIDE);
  int half = blockIdx.y;
  int halves = gridDim.y;
  int first = blockIdx.x * BLOCK_ROWS + warp() * WARP_ROWS;
  int from = blockIdx.z * slabRows;
  int to = min(positions, from + slabRows);
  int count = (to - from + TILE - 1) / TILE;
  bool balanced = share != nullptr;
  long long stride = (long long)halves * HALF;
  queries += half * HALF;
  logSumExp += half;
  means += (long long)half * positions;
  gradients += (long long)half * selected * positions;
  Fragments rows;
  loadRows(rows, keys + (long long)half * n * HALF, HALF, first, n);
  float f[4];
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int subKey = first + 8 * r + lane() / 4;
    f[r] = balanced && subKey < n ? factor * share[(long long)half * n + subKey] : 0.f;
  }
  float sums[2][HALF / 8][4] = {};
  auto copy = [&](int buffer, int position) {
    copyTile(tiles + buffer * TILE * STRIDE, queries, stride, position, to);
    for (int i = threadIdx.x; i < selected * TILE; i += THREADS) {
      bool valid = position + i % TILE < to;
      copyAsync4(entries + buffer * selected * TILE + i,
                 gradients + (long long)(i / TILE) * positions + (valid ? position + i % TILE : 0),
                 valid);
    }
    copyAsyncCommit();
  };
  // The first 64 threads look up log-sum-exps, the others means.
  auto lookUp = [&](int position) {
    bool ofLogs = threadIdx.x < TILE;
    position += threadIdx.x % TILE;
    if (!balanced || position >= to) return ofLogs ? -FAR_BELOW : 0.f;
    return ofLogs ? logSumExp[(long long)position * halves] * LOG2E : means[position];
  };
  float* looked = (threadIdx.x < TILE ? logs : meanOf) + threadIdx.x % TILE;
  copy(0, from);
  looked[0] = lookUp(from);
  for (int i = 0; i < count; i++) {
    copyAsyncWait<0>();
    __syncthreads();
    const bf16* tile = tiles + i % 2 * TILE * STRIDE;
    int pair = i % 2 * TILE + 2 * (lane() % 4);
    float next = 0;
    if (i + 1 < count) {
      copy((i + 1) % 2, from + (i + 1) * TILE);
      next = lookUp(from + (i + 1) * TILE);
    }
    scatterSelected(selections, entries + i % 2 * selected * TILE, selected, first);
    if (balanced) {
      addKeyProducts<true>(sums, rows, f, tile, logs + pair, meanOf + pair, selections);
    } else {
      addKeyProducts<false>(sums, rows, f, tile, logs + pair, meanOf + pair, selections);
    }
    looked[(i + 1) % 2 * TILE] = next;
  }
#pragma unroll
  for (int r = 0; r < 4; r++) {
    int subKey = first + 8 * r + lane() / 4;
    if (subKey >= n) continue;
    float* row = partial + (((long long)blockIdx.z * halves + half) * n + subKey) * HALF;
#pragma unroll
    for (int i = 0; i < HALF / 8; i++) {
      *reinterpret_cast<float2*>(row + 8 * i + 2 * (lane() % 4)) =
          make_float2(sums[r / 2][i][r % 2 * 2], sums[r / 2][i][r % 2 * 2 + 1]);
    }
  }
}
#endif
