// SPDX-License-Identifier: Apache-2.0
// Gradients of product keys on scores in memory as in product_keys.cu; and what does not look at
// scores at all.
#include "product_keys.cuh"

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

// One thread for a position and head, for at most LIST selections. weights and dLogWeights
// [positions, heads, selected]. Where a weight is near 1, little is left of d − w·Σd: the sums are
// in double.
template <int LIST>
__device__ __forceinline__ void selectedGradients(const int* indices, const float* weights,
                                                  const float* dLogWeights, int positions,
                                                  int heads, int n, int selected,
                                                  uint* gradients) {
  long long row = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= (long long)positions * heads) return;
  uint subKeys[2][LIST];
  float w[LIST];
  float d[LIST];
  double sum = 0;
  double total = 0;
#pragma unroll
  for (int s = 0; s < LIST; s++) {
    bool valid = s < selected;
    uint index = valid ? indices[row * selected + s] : 0;
    w[s] = valid ? weights[row * selected + s] : 0;
    d[s] = valid ? dLogWeights[row * selected + s] : 0;
    subKeys[0][s] = valid ? index / n : NO_SUB_KEY;
    subKeys[1][s] = valid ? index % n : NO_SUB_KEY;
    sum += d[s];
    total += w[s];
  }
  double shift = sum / total;
#pragma unroll
  for (int s = 0; s < LIST; s++) d[s] = (float)(d[s] - w[s] * shift);
  int head = (int)(row % heads);
  gradients += 2ll * head * selected * positions + row / heads;
#pragma unroll
  for (int half = 0; half < 2; half++)
#pragma unroll
    for (int own = 0; own < LIST; own++) {
      if (own >= selected) break;
      float of = 0;
      bool first = true;
#pragma unroll
      for (int s = 0; s < LIST; s++) {
        bool same = subKeys[half][s] == subKeys[half][own];
        of += same ? d[s] : 0.f;
        if (s < own) first &= !same;
      }
      uint subKey = first ? subKeys[half][own] : NO_SUB_KEY;
      gradients[((long long)half * selected + own) * positions] = subKey << 16 | toBf16(of).bits;
    }
}

#define SELECTED_GRADIENTS(LIST)                                                                  \
  extern "C" __global__ void selected_gradients_##LIST(                                           \
      const int* indices, const float* weights, const float* dLogWeights, int positions,          \
      int heads, int n, int selected, uint* gradients) {                                          \
    selectedGradients<LIST>(indices, weights, dLogWeights, positions, heads, n, selected,         \
                            gradients);                                                           \
  }
SELECTED_GRADIENTS(8)
SELECTED_GRADIENTS(16)

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
