// SPDX-License-Identifier: Apache-2.0
// Rows of a table by index. 2^shift threads move a row, one word at a time: memory in flight hides
// the wait for the index.
#include "common.cuh"

struct RowThreads {
  long long row;
  int first;
  int step;
};

__device__ __forceinline__ RowThreads rowThreads(int shift) {
  long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  return {thread >> shift, (int)(threadIdx.x & ((1u << shift) - 1)), 1 << shift};
}

// out[r] = table[indices[r]]; words of a row.
template <typename WORD>
__device__ __forceinline__ void gatherRows(const WORD* __restrict__ table,
                                           const int* __restrict__ indices, long long rows,
                                           int words, int shift, WORD* __restrict__ out) {
  RowThreads at = rowThreads(shift);
  if (at.row >= rows) return;
  const WORD* from = table + (long long)indices[at.row] * words;
  WORD* to = out + at.row * words;
#pragma unroll 4
  for (int i = at.first; i < words; i += at.step) to[i] = from[i];
}

// table[indices[r]] = rows[r]; the indices are distinct.
template <typename WORD>
__device__ __forceinline__ void scatterRows(const WORD* __restrict__ source,
                                            const int* __restrict__ indices, long long rows,
                                            int words, int shift, WORD* __restrict__ table) {
  RowThreads at = rowThreads(shift);
  if (at.row >= rows) return;
  const WORD* from = source + at.row * words;
  WORD* to = table + (long long)indices[at.row] * words;
#pragma unroll 4
  for (int i = at.first; i < words; i += at.step) to[i] = from[i];
}

#define MAKE(WORD, bits)                                                                        \
  extern "C" __global__ void gather_rows_##bits(const WORD* table, const int* indices,          \
                                                long long rows, int words, int shift,           \
                                                WORD* out) {                                    \
    gatherRows<WORD>(table, indices, rows, words, shift, out);                                  \
  }                                                                                             \
  extern "C" __global__ void scatter_rows_##bits(const WORD* source, const int* indices,        \
                                                 long long rows, int words, int shift,          \
                                                 WORD* table) {                                 \
    scatterRows<WORD>(source, indices, rows, words, shift, table);                              \
  }
MAKE(uint4, 128)
MAKE(uint, 32)
MAKE(unsigned short, 16)
#undef MAKE

#if MNEME_BF16
// out[r] = table[indices[r]], rounded to bf16; packs of V elements of a row.
template <int V>
__device__ __forceinline__ void gatherAsBf16(const float* __restrict__ table,
                                             const int* __restrict__ indices, long long rows,
                                             int packs, int shift, bf16* __restrict__ out) {
  RowThreads at = rowThreads(shift);
  if (at.row >= rows) return;
  const float* from = table + (long long)indices[at.row] * packs * V;
  bf16* to = out + at.row * packs * V;
#pragma unroll 4
  for (int i = at.first; i < packs; i += at.step) {
    float values[V];
    load<float, V>(from + i * V, values);
    store<bf16, V>(values, to + i * V);
  }
}

extern "C" __global__ void gather_as_bf16_narrow(const float* table, const int* indices,
                                                 long long rows, int packs, int shift, bf16* out) {
  gatherAsBf16<1>(table, indices, rows, packs, shift, out);
}
extern "C" __global__ void gather_as_bf16_wide(const float* table, const int* indices,
                                               long long rows, int packs, int shift, bf16* out) {
  gatherAsBf16<4>(table, indices, rows, packs, shift, out);
}
#endif

// table[indices[r]] = keep·table[indices[r]] + (1 − keep)·rows[r]; packs of V elements of a row.
template <int V>
__device__ __forceinline__ void blendRows(const float* __restrict__ source,
                                          const int* __restrict__ indices, long long rows,
                                          int packs, int shift, float keep,
                                          float* __restrict__ table) {
  RowThreads at = rowThreads(shift);
  if (at.row >= rows) return;
  float take = 1.f - keep;
  const float* from = source + at.row * packs * V;
  float* to = table + (long long)indices[at.row] * packs * V;
  for (int i = at.first; i < packs; i += at.step) {
    float fresh[V];
    float old[V];
    load<float, V>(from + i * V, fresh);
    load<float, V>(to + i * V, old);
#pragma unroll
    for (int v = 0; v < V; v++) old[v] = keep * old[v] + take * fresh[v];
    store<float, V>(old, to + i * V);
  }
}

extern "C" __global__ void blend_rows_narrow(const float* source, const int* indices,
                                             long long rows, int packs, int shift, float keep,
                                             float* table) {
  blendRows<1>(source, indices, rows, packs, shift, keep, table);
}
extern "C" __global__ void blend_rows_wide(const float* source, const int* indices,
                                           long long rows, int packs, int shift, float keep,
                                           float* table) {
  blendRows<4>(source, indices, rows, packs, shift, keep, table);
}
