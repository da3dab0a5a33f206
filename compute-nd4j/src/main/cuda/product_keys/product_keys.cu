// SPDX-License-Identifier: Apache-2.0
// Selection by product keys on scores in memory, [halves, rows, n] F32 for a chunk of positions,
// where half 2·h + p is half p of head h; and the best sums of two halves.
#include "common.cuh"

// Compares like (value, then lower index); equal zeros compare as equal values.
__device__ __forceinline__ u64 rank(float value, uint index) {
  int bits = __float_as_int(value + 0.f);
  uint ordered = (uint)(bits ^ (bits >> 31 & 0x7fffffff)) ^ 0x80000000u;
  return (u64)ordered << 32 | (uint)~index;
}
__device__ __forceinline__ float rankValue(u64 rank) {
  int bits = (int)((uint)(rank >> 32) ^ 0x80000000u);
  return __int_as_float(bits ^ (bits >> 31 & 0x7fffffff));
}
__device__ __forceinline__ uint rankIndex(u64 rank) { return ~(uint)rank; }

__device__ __forceinline__ u64 warpMaxRank(u64 x) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) {
    u64 other = __shfl_xor_sync(0xffffffffu, x, step);
    x = other > x ? other : x;
  }
  return x;
}

// The best of each row in descending order, one warp a row: values and sub-keys [halves, rows,
// selected]. logSumExp, of this chunk's positions [rows, halves], may be null.
extern "C" __global__ void best_scores(const float* scores, int rows, int halves, int n,
                                       int selected, float* values, int* subKeys,
                                       float* logSumExp) {
  long long row = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (row >= (long long)halves * rows) return;
  const float* of = scores + row * n;
  u64 last = ~0ull;
  float largest = 0;
  for (int s = 0; s < selected; s++) {
    u64 best = 0;
    for (int k = lane(); k < n; k += 32) {
      u64 candidate = rank(of[k], k);
      if (candidate < last && candidate > best) best = candidate;
    }
    last = warpMaxRank(best);
    if (s == 0) largest = rankValue(last);
    if (lane() == 0) {
      values[row * selected + s] = rankValue(last);
      subKeys[row * selected + s] = (int)rankIndex(last);
    }
  }
  if (logSumExp == nullptr) return;
  float sum = 0;
  for (int k = lane(); k < n; k += 32) sum += expf(of[k] - largest);
  sum = warpSum(sum);
  if (lane() == 0) logSumExp[row % rows * halves + row / rows] = largest + logf(sum);
}

// The best sums of two halves and their softmax, one warp for a position and head. values and
// subKeys [halves, rows, selected]; indices and weights [rows, heads, selected] of this chunk.
extern "C" __global__ void best_sums(const float* values, const int* subKeys, int rows, int heads,
                                     int n, int selected, int* indices, float* weights) {
  long long row = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (row >= (long long)rows * heads) return;
  int head = (int)(row % heads);
  long long first = (2ll * head * rows + row / heads) * selected;
  long long second = first + (long long)rows * selected;
  indices += row * selected;
  weights += row * selected;
  u64 last = ~0ull;
  float largest = 0;
  float total = 0;
  for (int s = 0; s < selected; s++) {
    u64 best = 0;
    for (int pair = lane(); pair < selected * selected; pair += 32) {
      int i = pair / selected;
      int j = pair % selected;
      u64 candidate = rank(values[first + i] + values[second + j],
                           (uint)(subKeys[first + i] * n + subKeys[second + j]));
      if (candidate < last && candidate > best) best = candidate;
    }
    last = warpMaxRank(best);
    if (s == 0) largest = rankValue(last);
    float weight = expf(rankValue(last) - largest);
    total += weight;
    if (lane() == 0) {
      indices[s] = (int)rankIndex(last);
      weights[s] = weight;
    }
  }
  __syncwarp();
  for (int s = lane(); s < selected; s += 32) weights[s] /= total;
}

// A few best sums in descending order, lower indices first among equals.
template <int LIST>
struct BestSums {
  float sums[LIST];
  int indices[LIST];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < LIST; i++) {
      sums[i] = -MNEME_INFINITY;
      indices[i] = i;  // stays only where sums are no numbers
    }
  }

  __device__ __forceinline__ bool isBefore(float sum, int index, int i) const {
    return (sum > sums[i]) | ((sum == sums[i]) & (index < indices[i]));
  }

  // Without branches, as lanes differ in where they insert.
  __device__ __forceinline__ void insert(float sum, int index) {
    bool here = isBefore(sum, index, LIST - 1);
#pragma unroll
    for (int i = LIST - 1; i > 0; i--) {
      bool before = isBefore(sum, index, i - 1);
      sums[i] = before ? sums[i - 1] : here ? sum : sums[i];
      indices[i] = before ? indices[i - 1] : here ? index : indices[i];
      here = before;
    }
    sums[0] = here ? sum : sums[0];
    indices[0] = here ? index : indices[0];
  }
};

// Like best_sums for at most LIST selections, one thread for a position and head. Of two descending
// lists, only pairs (i, j) with (i+1)(j+1) <= LIST can be among the best, as every other has LIST
// pairs before it that are at least as good. Where one of those others equals the last sum kept, its
// index may be lower, and all pairs are looked at.
template <int LIST>
__device__ void bestSumsOfFew(const float* values, const int* subKeys, int rows, int heads, int n,
                              int selected, int* indices, float* weights) {
  long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= (long long)rows * heads) return;
  int head = (int)(row % heads);
  long long first = (2ll * head * rows + row / heads) * selected;
  long long second = first + (long long)rows * selected;
  float right[LIST];
  int rightKeys[LIST];
#pragma unroll
  for (int j = 0; j < LIST; j++) {
    right[j] = j < selected ? values[second + j] : -MNEME_INFINITY;
    rightKeys[j] = j < selected ? subKeys[second + j] : 0;
  }
  BestSums<LIST> best;
  bool all = false;
  for (int round = 0; round < 2; round++) {
    best.clear();
    float leftOut = -MNEME_INFINITY;
    for (int i = 0; i < selected; i++) {
      float left = values[first + i];
      int index = subKeys[first + i] * n;
#pragma unroll
      for (int j = 0; j < LIST; j++) {
        if (!all && (i + 1) * (j + 1) > LIST) {
          leftOut = fmaxf(leftOut, left + right[j]);
          break;
        }
        best.insert(left + right[j], index + rightKeys[j]);
      }
    }
    float worst = 0;
#pragma unroll
    for (int s = 0; s < LIST; s++) worst = s < selected ? best.sums[s] : worst;
    all = leftOut >= worst;
    if (!all) break;
  }
  float total = 0;
#pragma unroll
  for (int s = LIST - 1; s >= 0; s--) {
    best.sums[s] = s < selected ? expf(best.sums[s] - best.sums[0]) : 0.f;
    total += best.sums[s];
  }
#pragma unroll
  for (int s = 0; s < LIST; s++) {
    if (s >= selected) break;
    indices[row * selected + s] = best.indices[s];
    weights[row * selected + s] = best.sums[s] / total;
  }
}

#define BEST_SUMS(LIST)                                                                          \
  extern "C" __global__ void best_sums_##LIST(const float* values, const int* subKeys, int rows, \
                                              int heads, int n, int selected, int* indices,      \
                                              float* weights) {                                  \
    bestSumsOfFew<LIST>(values, subKeys, rows, heads, n, selected, indices, weights);            \
  }
BEST_SUMS(8)
BEST_SUMS(16)
