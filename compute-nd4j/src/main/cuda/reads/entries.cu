// SPDX-License-Identifier: Apache-2.0
// Attention of each head's query over the S entries of its own position, for any type and width: a
// warp takes a head of a position.
#include "packs.cuh"

constexpr float LEAST_WEIGHT = 1e-9f;

// ⟨a, b⟩ over a row, in every lane.
template <typename T, int V>
__device__ __forceinline__ float dot(const T* a, const T* b, int width) {
  float sum = 0.f;
  for (int i = lane() * V; i < width; i += 32 * V) {
    float x[V];
    float y[V];
    loadFloats<T, V>(a + i, x);
    loadFloats<T, V>(b + i, y);
#pragma unroll
    for (int v = 0; v < V; v++) sum += x[v] * y[v];
  }
  return warpSum(sum);
}

// out = factor·Σ_j p_j·m_j; terms of a stride.
template <typename T, int V>
__device__ __forceinline__ void mix(const float* p, const T* rows, int terms, int width,
                                    float factor, T* out) {
  for (int i = lane() * V; i < width; i += 32 * V) {
    float sum[V] = {};
    for (int j = 0; j < terms; j++) {
      float values[V];
      loadFloats<T, V>(rows + (long long)j * width + i, values);
#pragma unroll
      for (int v = 0; v < V; v++) sum[v] += p[j] * values[v];
    }
#pragma unroll
    for (int v = 0; v < V; v++) sum[v] *= factor;
    storePack<T, V>(sum, out + i);
  }
}

template <typename T, int V>
__device__ __forceinline__ void attendEntries(const T* __restrict__ queries,
                                              const T* __restrict__ reads,
                                              const float* __restrict__ weights, float scale,
                                              long long units, int heads, int slots, int width,
                                              T* __restrict__ out, float* probabilities) {
  long long unit = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (unit >= units) return;
  long long n = unit / heads;
  reads += n * slots * width;
  weights += n * slots;
  float* p = probabilities + unit * slots;
  float largest = -MNEME_INFINITY;
  for (int j = 0; j < slots; j++) {
    float product = dot<T, V>(queries + unit * width, reads + (long long)j * width, width);
    float logit = scale * product + logf(fmaxf(weights[j], LEAST_WEIGHT));
    largest = fmaxf(largest, logit);
    if (lane() == 0) p[j] = logit;
  }
  __syncwarp();
  float sum = 0.f;
  for (int j = lane(); j < slots; j += 32) {
    float e = expf(p[j] - largest);
    sum += e;
    p[j] = e;
  }
  float inverse = 1.f / warpSum(sum);
  for (int j = lane(); j < slots; j += 32) p[j] *= inverse;
  __syncwarp();
  mix<T, V>(p, reads, slots, width, 1.f, out + unit * width);
}

// dScores = p·(dp − Σ p·dp), dp = ⟨dOut, m⟩. In double precision, and of probabilities that sum to
// exactly 1: where one of them is near 1, its gradient is a small difference of large numbers.
template <typename T, int V>
__device__ __forceinline__ void scoreGradients(const T* __restrict__ dOut,
                                               const T* __restrict__ reads,
                                               const float* __restrict__ probabilities,
                                               long long units, int heads, int slots, int width,
                                               float* dScores) {
  long long unit = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (unit >= units) return;
  reads += unit / heads * slots * width;
  const float* p = probabilities + unit * slots;
  float* d = dScores + unit * slots;
  double mean = 0;
  double total = 0;
  for (int j = 0; j < slots; j++) {
    float dp = dot<T, V>(dOut + unit * width, reads + (long long)j * width, width);
    mean += (double)p[j] * dp;
    total += p[j];
    if (lane() == 0) d[j] = dp;
  }
  __syncwarp();
  mean /= total;
  for (int j = lane(); j < slots; j += 32) d[j] = (float)(p[j] * (d[j] - mean));
}

// dm_j = Σ_h p_hj·dOut_h + scale·dScores_hj·queries_h and dLogWeights: a warp takes a slot.
template <typename T, int V>
__device__ __forceinline__ void entryGradients(
    const T* __restrict__ dOut, const T* __restrict__ queries, const float* __restrict__ weights,
    const float* __restrict__ probabilities, const float* __restrict__ dScores, float scale,
    long long units, int heads, int slots, int width, T* __restrict__ dReads,
    float* __restrict__ dLogWeights) {
  long long unit = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (unit >= units) return;
  long long n = unit / slots;
  int j = (int)(unit - n * slots);
  const float* p = probabilities + n * heads * slots + j;
  const float* d = dScores + n * heads * slots + j;
  const T* gradients = dOut + n * heads * width;
  const T* q = queries + n * heads * width;
  for (int i = lane() * V; i < width; i += 32 * V) {
    float sum[V] = {};
    for (int h = 0; h < heads; h++) {
      float gradient[V];
      float query[V];
      loadFloats<T, V>(gradients + (long long)h * width + i, gradient);
      loadFloats<T, V>(q + (long long)h * width + i, query);
      float ofGradient = p[(long long)h * slots];
      float ofQuery = scale * d[(long long)h * slots];
#pragma unroll
      for (int v = 0; v < V; v++) sum[v] += ofGradient * gradient[v] + ofQuery * query[v];
    }
    storePack<T, V>(sum, dReads + unit * width + i);
  }
  float sum = 0.f;
  for (int h = lane(); h < heads; h += 32) sum += d[(long long)h * slots];
  sum = warpSum(sum);
  if (lane() == 0) dLogWeights[unit] = weights[unit] < LEAST_WEIGHT ? 0.f : sum;
}

template <typename T, int V>
__device__ __forceinline__ void queryGradients(const T* __restrict__ reads,
                                               const float* __restrict__ dScores, float scale,
                                               long long units, int heads, int slots, int width,
                                               T* __restrict__ dQueries) {
  long long unit = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (unit >= units) return;
  reads += unit / heads * slots * width;
  mix<T, V>(dScores + unit * slots, reads, slots, width, scale, dQueries + unit * width);
}

#define MAKE_WIDTH(T, V, suffix)                                                               \
  extern "C" __global__ void entry_attention_##suffix(                                         \
      const T* queries, const T* reads, const float* weights, float scale, long long units,    \
      int heads, int slots, int width, T* out, float* probabilities) {                         \
    attendEntries<T, V>(queries, reads, weights, scale, units, heads, slots, width, out,       \
                        probabilities);                                                        \
  }                                                                                            \
  extern "C" __global__ void entry_score_gradients_##suffix(                                   \
      const T* dOut, const T* reads, const float* probabilities, long long units, int heads,   \
      int slots, int width, float* dScores) {                                                  \
    scoreGradients<T, V>(dOut, reads, probabilities, units, heads, slots, width, dScores);     \
  }                                                                                            \
  extern "C" __global__ void entry_gradients_##suffix(                                         \
      const T* dOut, const T* queries, const float* weights, const float* probabilities,       \
      const float* dScores, float scale, long long units, int heads, int slots, int width,     \
      T* dReads, float* dLogWeights) {                                                         \
    entryGradients<T, V>(dOut, queries, weights, probabilities, dScores, scale, units, heads,  \
                         slots, width, dReads, dLogWeights);                                   \
  }                                                                                            \
  extern "C" __global__ void entry_query_gradients_##suffix(                                   \
      const T* reads, const float* dScores, float scale, long long units, int heads,           \
      int slots, int width, T* dQueries) {                                                     \
    queryGradients<T, V>(reads, dScores, scale, units, heads, slots, width, dQueries);         \
  }
#define MAKE(T, suffix)       \
  MAKE_WIDTH(T, 1, 1_##suffix) \
  MAKE_WIDTH(T, 4, 4_##suffix)
MNEME_FLOATING(MAKE)
