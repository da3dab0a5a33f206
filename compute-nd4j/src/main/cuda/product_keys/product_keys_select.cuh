// SPDX-License-Identifier: Apache-2.0
// The best scores of a half and its log-sum-exp; see product_keys_mma.cuh.
#pragma once
#include "product_keys_mma.cuh"

#if MNEME_BF16
constexpr int CANDIDATE_STRIDE = TILE + 1;

// The best of a row in descending order, earlier ones first among equals.
template <int LIST>
struct Best {
  float values[LIST];
  int subKeys[LIST];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < LIST; i++) {
      values[i] = -MNEME_INFINITY;
      subKeys[i] = i;  // stays only where scores are no numbers
    }
  }

  // To be called with ascending sub-keys.
  __device__ __forceinline__ void insert(float value, int subKey) {
    if (!(value > values[LIST - 1])) return;
#pragma unroll
    for (int i = LIST - 1; i > 0; i--) {
      bool before = value > values[i - 1];
      bool here = value > values[i];
      subKeys[i] = before ? subKeys[i - 1] : here ? subKey : subKeys[i];
      values[i] = before ? values[i - 1] : here ? value : values[i];
    }
    if (value > values[0]) {
      values[0] = value;
      subKeys[0] = subKey;
    }
  }
};

// Log-sum-exp of a row's scores as they come, of a lane's columns.
struct LogSum {
  float largest = FAR_BELOW;
  float sum = 0;

  __device__ __forceinline__ void add(const float (&scores)[8]) {
    float most = largest;
#pragma unroll
    for (int i = 0; i < 8; i++) most = fmaxf(most, scores[i]);
    sum *= exp2Fast((largest - most) * LOG2E);
    largest = most;
    float shift = most * LOG2E;
#pragma unroll
    for (int i = 0; i < 8; i++) sum += exp2Fast(fmaf(scores[i], LOG2E, -shift));
  }

  // Of the whole row, in all of its lanes.
  __device__ __forceinline__ float total() const {
    float most = rowMax(largest);
    return most + logf(rowSum(sum * exp2Fast((largest - most) * LOG2E)));
  }
};

// Bit c of rows[r][w] says that this lane's column 32·w + c + 2·t of row 8·r + g is a candidate;
// a lane gets all bits of row 8·t + g.
__device__ __forceinline__ void shareCandidates(const uint (&rows)[4][2], uint (&own)[2]) {
  int t = lane() % 4;
#pragma unroll
  for (int w = 0; w < 2; w++) {
    uint of[4];
#pragma unroll
    for (int r = 0; r < 4; r++) of[r] = rows[r][w] << 2 * t;
    uint kept[2];
#pragma unroll
    for (int i = 0; i < 2; i++) {
      uint sent = t & 2 ? of[i] : of[i + 2];
      kept[i] = (t & 2 ? of[i + 2] : of[i]) | __shfl_xor_sync(0xffffffffu, sent, 2);
    }
    uint sent = t & 1 ? kept[0] : kept[1];
    own[w] = (t & 1 ? kept[1] : kept[0]) | __shfl_xor_sync(0xffffffffu, sent, 1);
  }
}

// Keeps the candidates of a tile whose first sub-key is `first`, in ascending order.
template <int LIST>
__device__ __forceinline__ void keepBest(Best<LIST>& best, const float* candidates,
                                         const uint (&own)[2], int first) {
  uint low = own[0];
  uint high = own[1];
  while (low | high) {
    int column;
    if (low) {
      column = __ffs(low) - 1;
      low &= low - 1;
    } else {
      column = __ffs(high) + 31;
      high &= high - 1;
    }
    best.insert(candidates[column], first + column);
  }
}

// One block for 128 positions and a half: the best scores in descending order, values and subKeys
// [halves, positions, selected], and logSumExp [positions, halves] unless it is null. Scores above
// the worst of the best so far go to shared memory, from where the lane that owns the row inserts
// them.
template <int LIST>
__device__ void selectBest(const bf16* queries, const bf16* keys, int positions, int n,
                           int selected, float* values, int* subKeys, float* logSumExp) {
  bf16* tiles = reinterpret_cast<bf16*>(sharedMemory);
  float* candidates = reinterpret_cast<float*>(tiles + 2 * TILE * STRIDE) +
                      warp() * WARP_ROWS * CANDIDATE_STRIDE;
  int half = blockIdx.y;
  int halves = gridDim.y;
  int g = lane() / 4;
  int t = lane() % 4;
  int first = blockIdx.x * BLOCK_ROWS + warp() * WARP_ROWS;
  keys += (long long)half * n * HALF;
  int count = (n + TILE - 1) / TILE;
  copyTile(tiles, keys, HALF, 0, n);
  copyAsyncCommit();
  Fragments rows;
  loadRows(rows, queries + half * HALF, (long long)halves * HALF, first, positions);
  Best<LIST> best;
  best.clear();
  LogSum sums[4];
  float worst[4] = {-MNEME_INFINITY, -MNEME_INFINITY, -MNEME_INFINITY, -MNEME_INFINITY};
  for (int i = 0; i < count; i++) {
    copyAsyncWait<0>();
    __syncthreads();
    const bf16* tile = tiles + i % 2 * TILE * STRIDE;
    if (i + 1 < count) {
      copyTile(tiles + (i + 1) % 2 * TILE * STRIDE, keys, HALF, (i + 1) * TILE, n);
      copyAsyncCommit();
    }
    uint found[4][2] = {};
#pragma unroll
    for (int w = 0; w < 2; w++) {
      Scores scores[2];
#pragma unroll
      for (int part = 0; part < 2; part++) {
        int column = w * 32 + part * 16;
        score(scores[part], rows, tile, column);
        if ((i + 1) * TILE > n) dropColumns(scores[part], i * TILE + column, n);
      }
#pragma unroll
      for (int r = 0; r < 4; r++) {
        float of[8];
#pragma unroll
        for (int c = 0; c < 8; c++) {
          of[c] = scoreOf(scores[c / 4], r, c / 2 % 2, c % 2);
          if (of[c] > worst[r]) {
            int column = c / 2 * 8 + c % 2;
            candidates[(8 * r + g) * CANDIDATE_STRIDE + w * 32 + column + 2 * t] = of[c];
            found[r][w] |= 1u << column;
          }
        }
        if (logSumExp != nullptr) sums[r].add(of);
      }
      // Of the first tile all are candidates: its first half already gives a bound.
      if (w == 0 && i > 0) continue;
      uint own[2];
      shareCandidates(found, own);
      __syncwarp();
      keepBest(best, candidates + (8 * t + g) * CANDIDATE_STRIDE, own, i * TILE);
      __syncwarp();
#pragma unroll
      for (int r = 0; r < 4; r++) {
        found[r][0] = 0;
        worst[r] = __shfl_sync(0xffffffffu, best.values[LIST - 1], lane() / 4 * 4 + r);
      }
    }
  }
  float logs[4];
#pragma unroll
  for (int r = 0; r < 4; r++) logs[r] = sums[r].total();
  int position = first + 8 * t + g;
  if (position >= positions) return;
  long long at = ((long long)half * positions + position) * selected;
#pragma unroll
  for (int s = 0; s < LIST; s++) {
    if (s < selected) {
      values[at + s] = best.values[s];
      subKeys[at + s] = best.subKeys[s];
    }
  }
  if (logSumExp != nullptr) logSumExp[(long long)position * halves + half] = ofFour(logs, t);
}

#define SELECT_BEST(LIST, BLOCKS)                                                                 \
  extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) select_best_##LIST(               \
      const bf16* queries, const bf16* keys, int positions, int n, int selected, float* values,   \
      int* subKeys, float* logSumExp) {                                                           \
    selectBest<LIST>(queries, keys, positions, n, selected, values, subKeys, logSumExp);          \
  }
SELECT_BEST(8, HALF <= 64 ? 3 : 1)
SELECT_BEST(16, 1)
#endif
