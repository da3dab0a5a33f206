// SPDX-License-Identifier: Apache-2.0
// Weighted sums of rows of a table, and the gradient of their weights: both read the rows where
// they lie. The gradient of the table is a sum over segments; see segments.cu.
#include "packs.cuh"

// Rows that are on their way at once.
constexpr int BATCH = 8;

// out = Σ_j w_j·table[indices_j]: a thread takes V columns of a position, 2^shift threads a position.
template <typename T, typename O, int V>
__device__ __forceinline__ void embeddingBag(const T* __restrict__ table,
                                             const int* __restrict__ indices,
                                             const float* __restrict__ weights,
                                             long long positions, int slots, int width, int shift,
                                             O* __restrict__ out) {
  long long n = ((long long)blockIdx.x * blockDim.x + threadIdx.x) >> shift;
  if (n >= positions) return;
  indices += n * slots;
  weights += n * slots;
  out += n * width;
  for (int i = (threadIdx.x & ((1 << shift) - 1)) * V; i < width; i += V << shift) {
    float sum[V] = {};
    for (int first = 0; first < slots; first += BATCH) {
      Pack<T, V> rows[BATCH];
#pragma unroll
      for (int j = 0; j < BATCH; j++) {
        if (first + j < slots) {
          rows[j] = loadPack<V>(table + (long long)indices[first + j] * width + i);
        }
      }
#pragma unroll
      for (int j = 0; j < BATCH; j++) {
        if (first + j < slots) {
          float weight = weights[first + j];
          float values[V];
          unpack(rows[j], values);
#pragma unroll
          for (int v = 0; v < V; v++) sum[v] += weight * values[v];
        }
      }
    }
    storePack<O, V>(sum, out + i);
  }
}

// Sums of BATCH values over a warp: each four lanes get that of value lane / 4. With every step, a
// lane keeps half of its values and gives the other half away.
__device__ __forceinline__ float warpSums(float (&x)[BATCH]) {
  static_assert(BATCH == 8, "32 lanes are four to a value");
#pragma unroll
  for (int half = BATCH / 2; half > 0; half /= 2) {
    bool upper = lane() & (4 * half);
#pragma unroll
    for (int k = 0; k < half; k++) {
      float given = upper ? x[k] : x[k + half];
      float kept = upper ? x[k + half] : x[k];
      x[k] = kept + __shfl_xor_sync(0xffffffffu, given, 4 * half);
    }
  }
  x[0] += __shfl_xor_sync(0xffffffffu, x[0], 2);
  return x[0] + __shfl_xor_sync(0xffffffffu, x[0], 1);
}

// dLogWeights = w·⟨dOut, table[index]⟩: a warp takes BATCH slots of a position.
template <typename T, typename O, int V>
__device__ __forceinline__ void bagWeightGradient(const O* __restrict__ dOut,
                                                  const T* __restrict__ table,
                                                  const int* __restrict__ indices,
                                                  const float* __restrict__ weights,
                                                  long long positions, int slots, int width,
                                                  float* __restrict__ dLogWeights) {
  int batches = (slots + BATCH - 1) / BATCH;
  long long unit = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  long long n = unit / batches;
  if (n >= positions) return;
  int first = (int)(unit - n * batches) * BATCH;
  int count = slots - first < BATCH ? slots - first : BATCH;
  long long slot = n * slots + first;
  dOut += n * width;
  int mine = lane() < count ? indices[slot + lane()] : 0;
  int row[BATCH];
#pragma unroll
  for (int j = 0; j < BATCH; j++) row[j] = __shfl_sync(0xffffffffu, mine, j);
  float sums[BATCH] = {};
  for (int i = lane() * V; i < width; i += 32 * V) {
    Pack<O, V> gradientPack = loadPack<V>(dOut + i);
    Pack<T, V> rows[BATCH];
#pragma unroll
    for (int j = 0; j < BATCH; j++) {
      if (j < count) rows[j] = loadPack<V>(table + (long long)row[j] * width + i);
    }
    float gradient[V];
    unpack(gradientPack, gradient);
#pragma unroll
    for (int j = 0; j < BATCH; j++) {
      if (j < count) {
        float values[V];
        unpack(rows[j], values);
#pragma unroll
        for (int v = 0; v < V; v++) sums[j] += gradient[v] * values[v];
      }
    }
  }
  float sum = warpSums(sums);
  int j = lane() / 4;
  if (lane() % 4 == 0 && j < count) dLogWeights[slot + j] = weights[slot + j] * sum;
}

#define MAKE_WIDTH(T, O, V, suffix)                                                              \
  extern "C" __global__ void __launch_bounds__(256) embedding_bag_##suffix(                      \
      const T* table, const int* indices, const float* weights, long long positions, int slots,  \
      int width, int shift, O* out) {                                                            \
    embeddingBag<T, O, V>(table, indices, weights, positions, slots, width, shift, out);         \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(256) bag_weight_gradient_##suffix(                \
      const O* dOut, const T* table, const int* indices, const float* weights,                   \
      long long positions, int slots, int width, float* dLogWeights) {                           \
    bagWeightGradient<T, O, V>(dOut, table, indices, weights, positions, slots, width,           \
                               dLogWeights);                                                     \
  }
#define MAKE(T, suffix)            \
  MAKE_WIDTH(T, T, 1, 1_##suffix)  \
  MAKE_WIDTH(T, T, 4, 4_##suffix)
MNEME_FLOATING(MAKE)
#if MNEME_BF16
MAKE_WIDTH(bf16, bf16, 8, 8_bf16)
MAKE_WIDTH(float, bf16, 1, 1_f32_bf16)
MAKE_WIDTH(float, bf16, 4, 4_f32_bf16)
#endif
