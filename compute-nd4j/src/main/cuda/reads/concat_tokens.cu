// SPDX-License-Identifier: Apache-2.0
// z = [q ; w₁m₁ ; … ; w_S m_S], m the mean of the embeddings of an entry's tokens. Selections come
// sorted by entry, so that a warp decodes an entry once for all the selections of a run, from the
// second-level cache, and writes it to z as often as it was selected.
#include "selections.cuh"
#include "tokens.cuh"

// Copies rows of q to the begin of those of z; all warps of the grid share them.
template <typename T, int V>
__device__ __forceinline__ void copyQueries(const T* __restrict__ q, long long positions, int dim,
                                            long long row, long long first, long long step,
                                            T* __restrict__ z) {
  for (long long n = first; n < positions; n += step) {
    for (int i = lane() * V; i < dim; i += 32 * V) {
      *reinterpret_cast<Pack<T, V>*>(z + n * row + i) = loadPack<V>(q + n * dim + i);
    }
  }
}

template <typename T, int V>
__device__ __forceinline__ void concatTokens(
    const T* __restrict__ q, const T* __restrict__ embeddings, const int* __restrict__ bank,
    const int* __restrict__ indices, const float* __restrict__ weights,
    const int* __restrict__ order, long long positions, int dim, int slots, int places, int width,
    T* __restrict__ z) {
  long long warps = (long long)gridDim.x * (blockDim.x >> 5);
  long long number = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  long long count = positions * slots;
  if (number * 32 < count) {
    Chunk chunk(order, indices, number, count);
    float weight = lane() < chunk.length ? weights[chunk.selection] / places : 0.f;
    long long offset = readOffset(chunk.selection, dim, slots, width);
    const int* row = bank + (long long)__shfl_sync(0xffffffffu, chunk.entry, 0) * places;
    int mine = lane() < places ? row[lane()] : -1;
    uint runs = chunk.runs & ~1u;
    for (int from = 0; from < chunk.length;) {
      // The next run's tokens are on their way meanwhile.
      int to = runs != 0 ? __ffs(runs) - 1 : chunk.length;
      runs &= runs - 1;
      int next = __shfl_sync(0xffffffffu, chunk.entry, to & 31);
      const int* nextRow = to < chunk.length ? bank + (long long)next * places : row;
      int nextMine = lane() < places ? nextRow[lane()] : -1;
      Distinct distinct(mine);
      for (int first = 0; first < width; first += 32 * V) {
        int column = first + lane() * V;
        float sum[V];
        sumEntry<T, V>(embeddings, row, mine, distinct, places, width, column, sum);
        for (int i = from; i < to; i++) {
          float factor = __shfl_sync(0xffffffffu, weight, i);
          T* target = z + __shfl_sync(0xffffffffu, offset, i) + column;
          float values[V];
#pragma unroll
          for (int v = 0; v < V; v++) values[v] = factor * sum[v];
          if (column < width) storePack<T, V>(values, target);
        }
      }
      from = to;
      row = nextRow;
      mine = nextMine;
    }
  }
  copyQueries<T, V>(q, positions, dim, dim + (long long)slots * width, number, warps, z);
}

#define MAKE_WIDTH(T, V, name)                                                                  \
  extern "C" __global__ void __launch_bounds__(256)                                             \
      name(const T* q, const T* embeddings, const int* bank, const int* indices,                \
           const float* weights, const int* order, long long positions, int dim, int slots,     \
           int places, int width, T* z) {                                                       \
    concatTokens<T, V>(q, embeddings, bank, indices, weights, order, positions, dim, slots,     \
                       places, width, z);                                                       \
  }
#define MAKE(T, suffix)                          \
  MAKE_WIDTH(T, 1, concat_tokens_1_##suffix)     \
  MAKE_WIDTH(T, 4, concat_tokens_4_##suffix)
MNEME_FLOATING(MAKE)
#if MNEME_BF16
MAKE_WIDTH(bf16, 8, concat_tokens_8_bf16)
#endif
