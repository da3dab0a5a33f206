// SPDX-License-Identifier: Apache-2.0
// Mixing the entries read at a position by their weights; every byte moves once.
#include "packs.cuh"

// z = [q ; w₁m₁ ; … ; w_S m_S] by row: a block takes a position.
template <typename T, int V>
__device__ __forceinline__ void concatWeighted(const T* __restrict__ q,
                                               const T* __restrict__ reads,
                                               const float* __restrict__ weights, int dim,
                                               int slots, int width, T* __restrict__ z) {
  long long n = blockIdx.x;
  q += n * dim;
  reads += n * slots * width;
  weights += n * slots;
  z += n * (dim + (long long)slots * width);
  uint qPacks = dim / V;
  uint readPacks = width / V;
  uint packs = qPacks + slots * readPacks;
  for (uint i = threadIdx.x; i < packs; i += blockDim.x) {
    if (i < qPacks) {
      *reinterpret_cast<Pack<T, V>*>(z + i * V) = loadPack<V>(q + i * V);
    } else {
      uint k = i - qPacks;
      float weight = weights[k / readPacks];
      float values[V];
      loadFloats<T, V>(reads + k * V, values);
#pragma unroll
      for (int v = 0; v < V; v++) values[v] *= weight;
      storePack<T, V>(values, z + i * V);
    }
  }
}

// A warp takes a slot of a position, or its q: dReads = w·dz, dLogWeights = ⟨dz, z⟩, dq (+)= dz.
template <typename T, int V>
__device__ __forceinline__ void concatWeightedBackward(
    const T* __restrict__ dz, const T* __restrict__ z, const float* __restrict__ weights,
    long long positions, int dim, int slots, int width, int add, T* __restrict__ dq,
    T* __restrict__ dReads, float* __restrict__ dLogWeights) {
  long long unit = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  long long n = unit / (slots + 1);
  int slot = (int)(unit - n * (slots + 1)) - 1;
  if (n >= positions) return;
  dz += n * (dim + (long long)slots * width);
  if (slot < 0) {
    dq += n * dim;
    for (int i = lane() * V; i < dim; i += 32 * V) {
      float gradient[V];
      loadFloats<T, V>(dz + i, gradient);
      if (add) {
        float old[V];
        loadFloats<T, V>(dq + i, old);
#pragma unroll
        for (int v = 0; v < V; v++) gradient[v] += old[v];
      }
      storePack<T, V>(gradient, dq + i);
    }
    return;
  }
  long long read = n * slots + slot;
  long long offset = dim + (long long)slot * width;
  dz += offset;
  z += n * (dim + (long long)slots * width) + offset;
  dReads += read * width;
  float weight = weights[read];
  float sum = 0.f;
#pragma unroll 2
  for (int i = lane() * V; i < width; i += 32 * V) {
    float gradient[V];
    float forward[V];
    loadFloats<T, V>(dz + i, gradient);
    loadFloats<T, V>(z + i, forward);
#pragma unroll
    for (int v = 0; v < V; v++) {
      sum += gradient[v] * forward[v];
      gradient[v] *= weight;
    }
    storePack<T, V>(gradient, dReads + i);
  }
  sum = warpSum(sum);
  if (lane() == 0) dLogWeights[read] = sum;
}

// out = Σ_j w_j·m_j by row: a thread takes V columns of a position, 2^shift threads a position.
template <typename T, int V>
__device__ __forceinline__ void weightedSum(const T* __restrict__ reads,
                                            const float* __restrict__ weights,
                                            long long positions, int slots, int width, int shift,
                                            T* __restrict__ out) {
  long long n = ((long long)blockIdx.x * blockDim.x + threadIdx.x) >> shift;
  if (n >= positions) return;
  reads += n * slots * width;
  weights += n * slots;
  out += n * width;
  for (int i = (threadIdx.x & ((1 << shift) - 1)) * V; i < width; i += V << shift) {
    float sum[V] = {};
#pragma unroll 8
    for (int j = 0; j < slots; j++) {
      float weight = weights[j];
      float values[V];
      loadFloats<T, V>(reads + (long long)j * width + i, values);
#pragma unroll
      for (int v = 0; v < V; v++) sum[v] += weight * values[v];
    }
    storePack<T, V>(sum, out + i);
  }
}

// A warp takes a slot of a position: dReads = w·dOut, dLogWeights = w·⟨dOut, m⟩. The slots of a
// position are neighbours, so that dOut comes from the first-level cache. dReads may be reads.
template <typename T, int V>
__device__ __forceinline__ void weightedSumBackward(const T* __restrict__ dOut, const T* reads,
                                                    const float* __restrict__ weights,
                                                    long long count, int slots, int width,
                                                    T* dReads,
                                                    float* __restrict__ dLogWeights) {
  long long read = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (read >= count) return;
  dOut += read / slots * width;
  reads += read * width;
  dReads += read * width;
  float weight = weights[read];
  float sum = 0.f;
  for (int i = lane() * V; i < width; i += 32 * V) {
    float gradient[V];
    float forward[V];
    loadFloats<T, V>(dOut + i, gradient);
    loadFloats<T, V>(reads + i, forward);
#pragma unroll
    for (int v = 0; v < V; v++) {
      sum += gradient[v] * forward[v];
      gradient[v] *= weight;
    }
    storePack<T, V>(gradient, dReads + i);
  }
  sum = warpSum(sum);
  if (lane() == 0) dLogWeights[read] = weight * sum;
}

#define MAKE_WIDTH(T, V, width_suffix)                                                          \
  extern "C" __global__ void concat_weighted_##width_suffix(                                    \
      const T* q, const T* reads, const float* weights, int dim, int slots, int width, T* z) {  \
    concatWeighted<T, V>(q, reads, weights, dim, slots, width, z);                              \
  }                                                                                             \
  extern "C" __global__ void concat_weighted_backward_##width_suffix(                           \
      const T* dz, const T* z, const float* weights, long long positions, int dim, int slots,   \
      int width, int add, T* dq, T* dReads, float* dLogWeights) {                               \
    concatWeightedBackward<T, V>(dz, z, weights, positions, dim, slots, width, add, dq, dReads, \
                                 dLogWeights);                                                  \
  }                                                                                             \
  extern "C" __global__ void weighted_sum_##width_suffix(const T* reads, const float* weights,  \
                                                         long long positions, int slots,        \
                                                         int width, int shift, T* out) {        \
    weightedSum<T, V>(reads, weights, positions, slots, width, shift, out);                     \
  }                                                                                             \
  extern "C" __global__ void weighted_sum_backward_##width_suffix(                              \
      const T* dOut, const T* reads, const float* weights, long long count, int slots,          \
      int width, T* dReads, float* dLogWeights) {                                               \
    weightedSumBackward<T, V>(dOut, reads, weights, count, slots, width, dReads, dLogWeights);  \
  }
#define MAKE(T, suffix)       \
  MAKE_WIDTH(T, 1, 1_##suffix) \
  MAKE_WIDTH(T, 4, 4_##suffix)
MNEME_FLOATING(MAKE)
#if MNEME_BF16
MAKE_WIDTH(bf16, 8, 8_bf16)
#endif
