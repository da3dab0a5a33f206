// SPDX-License-Identifier: Apache-2.0
// Product keys on scores in memory, [halves, rows, n] F32 for a chunk of positions, where half 2·h +
// p is half p of head h; and what does not look at scores at all.
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

// Adds to counts [halves, n] how often sub-keys are among indices [rows, heads, selected]: one block
// for a slab of rows, a half and a range of sub-keys. A sub-key may have most of the selections, and
// atomics on one address of global memory wait for each other: a block counts in shared memory.
extern "C" __global__ void count_sub_keys(const int* indices, int rows, int n, int selected,
                                          int slabRows, int range, int* counts) {
  extern __shared__ int counted[];
  int half = blockIdx.y;
  int heads = gridDim.y / 2;
  int first = blockIdx.z * range;
  for (int k = threadIdx.x; k < range; k += blockDim.x) counted[k] = 0;
  __syncthreads();
  int from = blockIdx.x * slabRows;
  int selections = min(rows - from, slabRows) * selected;
  for (int i = threadIdx.x; i < selections; i += blockDim.x) {
    long long row = (long long)(from + i / selected) * heads + half / 2;
    uint index = (uint)indices[row * selected + i % selected];
    uint k = (half % 2 == 0 ? index / n : index % n) - first;
    if (k < (uint)range) atomicAdd(counted + k, 1);
  }
  __syncthreads();
  for (int k = threadIdx.x; k < min(range, n - first); k += blockDim.x) {
    int count = counted[k];
    if (count != 0) atomicAdd(counts + (long long)half * n + first + k, count);
  }
}

// Sums of probabilities over slabs of rows: partial [slabs, halves, n], one slab for each z.
extern "C" __global__ void probability_sums(const float* scores, const float* logSumExp, int rows,
                                            int n, int slabRows, float* partial) {
  int k = blockIdx.x * blockDim.x + threadIdx.x;
  if (k >= n) return;
  int half = blockIdx.y;
  int halves = gridDim.y;
  int from = blockIdx.z * slabRows;
  int to = min(rows, from + slabRows);
  float sum = 0;
  for (int row = from; row < to; row++) {
    float score = scores[((long long)half * rows + row) * n + k];
    sum += expf(score - logSumExp[(long long)row * halves + half]);
  }
  partial[((long long)blockIdx.z * halves + half) * n + k] = sum;
}

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

// share and meanProbability, both of `length` elements, from counts and partial sums.
extern "C" __global__ void balance_statistics(const int* counts, const float* partial, int slabs,
                                              int length, float perSelection, float perPosition,
                                              float* share, float* meanProbability) {
  alignas(16) __shared__ SlabSums sums;
  addSlabsOfWarp(partial, slabs, length, sums);
  for (int column = threadIdx.x; column < SLAB_COLUMNS; column += blockDim.x) {
    int i = blockIdx.x * SLAB_COLUMNS + column;
    if (i >= length) continue;
    share[i] = counts[i] * perSelection;
    meanProbability[i] = columnSum(sums, column) * perPosition;
  }
}

// sums [length] += the slabs of partial [slabs, length].
extern "C" __global__ void add_slabs(const float* partial, int slabs, long long length,
                                     float* sums) {
  alignas(16) __shared__ SlabSums ofSlabs;
  addSlabsOfWarp(partial, slabs, length, ofSlabs);
  for (int column = threadIdx.x; column < SLAB_COLUMNS; column += blockDim.x) {
    long long i = (long long)blockIdx.x * SLAB_COLUMNS + column;
    if (i < length) sums[i] += columnSum(ofSlabs, column);
  }
}

// out += factor·Σ share·meanProbability, by one block.
extern "C" __global__ void balance_loss(const float* share, const float* meanProbability,
                                        int length, float factor, float* out) {
  float sum = 0;
  for (int i = threadIdx.x; i < length; i += blockDim.x) sum += share[i] * meanProbability[i];
  sum = blockSum(sum);
  if (threadIdx.x == 0) *out += factor * sum;
}

// Gradients of the kept sums under the softmax, d − w·Σd, one thread for a position and head; all
// [rows, selected]. Where a weight is near 1, little is left of d: the sums are in double.
extern "C" __global__ void sum_gradients(const float* weights, const float* dLogWeights,
                                         long long rows, int selected, float* dSums) {
  long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  long long from = row * selected;
  double sum = 0;
  double total = 0;
  for (long long s = from; s < from + selected; s++) {
    sum += dLogWeights[s];
    total += weights[s];
  }
  for (long long s = from; s < from + selected; s++) {
    dSums[s] = (float)(dLogWeights[s] - weights[s] * sum / total);
  }
}

// The share that the selection s of `selected` has in the gradient of its sub-key, with all later
// ones of the same sub-key; false if an earlier one has it already.
__device__ __forceinline__ bool subKeyGradient(const int* indices, const float* dSums, int selected,
                                               int s, int n, int part, int* subKey,
                                               float* gradient) {
  int own = part == 0 ? indices[s] / n : indices[s] % n;
  float sum = 0;
  for (int t = 0; t < selected; t++) {
    int other = part == 0 ? indices[t] / n : indices[t] % n;
    if (other == own && t < s) return false;
    if (other == own) sum += dSums[t];
  }
  *subKey = own;
  *gradient = sum;
  return true;
}

// Gradients of scores are the sum of two parts, so that products with them keep more bits than those
// of T, which matters where they nearly cancel. remainders are null if T keeps all.
template <typename T>
__device__ __forceinline__ void storeParts(float d, long long at, T* dScores, T* remainders) {
  T part = fromFloat<T>(d);
  dScores[at] = part;
  if (remainders != nullptr) remainders[at] = fromFloat<T>(d - toFloat(part));
}

// Gradients of scores [halves, rows, n], one block for a row of a half: P·(f − Σ f·P)·factor, plus
// those of the sums that a sub-key has a share in. logSumExp [rows, halves], indices and dSums
// [rows, heads, selected] are of this chunk; logSumExp and share are null without a balance loss.
template <typename T>
__device__ void scoreGradients(const float* scores, const float* logSumExp, const float* share,
                               float factor, const int* indices, const float* dSums, int n,
                               int selected, T* dScores, T* remainders) {
  long long row = blockIdx.x;
  int half = blockIdx.y;
  int halves = gridDim.y;
  long long at = ((long long)half * gridDim.x + row) * n;
  bool balanced = share != nullptr;
  float log = 0;
  float mean = 0;
  if (balanced) {
    share += (long long)half * n;
    log = logSumExp[row * halves + half];
    for (int k = threadIdx.x; k < n; k += blockDim.x) mean += share[k] * expf(scores[at + k] - log);
    mean = blockSum(mean);
  }
  for (int k = threadIdx.x; k < n; k += blockDim.x) {
    float d = balanced ? factor * expf(scores[at + k] - log) * (share[k] - mean) : 0.f;
    storeParts(d, at + k, dScores, remainders);
  }
  __syncthreads();
  long long first = (row * (halves / 2) + half / 2) * selected;
  for (int s = threadIdx.x; s < selected; s += blockDim.x) {
    int k;
    float d;
    if (!subKeyGradient(indices + first, dSums + first, selected, s, n, half % 2, &k, &d)) continue;
    if (balanced) d += factor * expf(scores[at + k] - log) * (share[k] - mean);
    storeParts(d, at + k, dScores, remainders);
  }
}

#define SCORE_GRADIENTS(T, NAME)                                                                \
  extern "C" __global__ void score_gradients_##NAME(                                            \
      const float* scores, const float* logSumExp, const float* share, float factor,            \
      const int* indices, const float* dSums, int n, int selected, T* dScores, T* remainders) { \
    scoreGradients<T>(scores, logSumExp, share, factor, indices, dSums, n, selected, dScores,   \
                      remainders);                                                              \
  }
MNEME_FLOATING(SCORE_GRADIENTS)
