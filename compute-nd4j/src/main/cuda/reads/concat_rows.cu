// SPDX-License-Identifier: Apache-2.0
// z = [q ; w₁·table[i₁] ; … ; w_S·table[i_S]] by row: a block takes a position.
#include "packs.cuh"

template <typename FROM, typename T, int V>
__device__ __forceinline__ void concatRows(const T* __restrict__ q,
                                           const FROM* __restrict__ table,
                                           const int* __restrict__ indices,
                                           const float* __restrict__ weights, int dim, int slots,
                                           int width, T* __restrict__ z) {
  long long n = blockIdx.x;
  q += n * dim;
  indices += n * slots;
  weights += n * slots;
  z += n * (dim + (long long)slots * width);
  uint qPacks = dim / V;
  uint rowPacks = width / V;
  uint packs = qPacks + slots * rowPacks;
  for (uint i = threadIdx.x; i < packs; i += blockDim.x) {
    if (i < qPacks) {
      *reinterpret_cast<Pack<T, V>*>(z + i * V) = loadPack<V>(q + i * V);
    } else {
      uint slot = (i - qPacks) / rowPacks;
      uint column = (i - qPacks - slot * rowPacks) * V;
      float weight = weights[slot];
      float values[V];
      loadFloats<FROM, V>(table + (long long)indices[slot] * width + column, values);
#pragma unroll
      for (int v = 0; v < V; v++) values[v] *= weight;
      storePack<T, V>(values, z + (long long)i * V);
    }
  }
}

#define MAKE_WIDTH(FROM, T, V, name)                                                            \
  extern "C" __global__ void name(const T* q, const FROM* table, const int* indices,            \
                                  const float* weights, int dim, int slots, int width, T* z) {  \
    concatRows<FROM, T, V>(q, table, indices, weights, dim, slots, width, z);                   \
  }
MAKE_WIDTH(float, float, 1, concat_rows_1_f32)
MAKE_WIDTH(float, float, 4, concat_rows_4_f32)
#if MNEME_BF16
MAKE_WIDTH(bf16, bf16, 1, concat_rows_1_bf16)
MAKE_WIDTH(bf16, bf16, 4, concat_rows_4_bf16)
MAKE_WIDTH(bf16, bf16, 8, concat_rows_8_bf16)
MAKE_WIDTH(float, bf16, 1, concat_rows_of_f32_1_bf16)
MAKE_WIDTH(float, bf16, 4, concat_rows_of_f32_4_bf16)
#endif
