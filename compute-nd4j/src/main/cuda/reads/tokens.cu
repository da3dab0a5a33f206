// SPDX-License-Identifier: Apache-2.0
// Entries that are token ids: out[r] = mean over k of embeddings[bank[indices[r], k]].
#include "tokens.cuh"

// A warp reads an entry, V columns a lane at a time, and then another: the next entry's tokens are
// on their way meanwhile. The embeddings lie in the second-level cache. Equal tokens, of which
// collapsed entries are full, are read once.
template <typename T, int V>
__device__ __forceinline__ void decodeTokens(const T* __restrict__ embeddings,
                                             const int* __restrict__ bank,
                                             const int* __restrict__ indices, long long rows,
                                             int places, int width, T* __restrict__ out) {
  long long step = (long long)gridDim.x * (blockDim.x >> 5);
  long long r = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (r >= rows) return;
  float factor = 1.f / places;
  const int* entry = bank + (long long)indices[r] * places;
  int mine = lane() < places ? entry[lane()] : -1;
  int nextIndex = r + step < rows ? indices[r + step] : 0;
  for (; r < rows; r += step) {
    const int* nextEntry = bank + (long long)nextIndex * places;
    int nextMine = lane() < places ? nextEntry[lane()] : -1;
    nextIndex = r + 2 * step < rows ? indices[r + 2 * step] : 0;
    Distinct distinct(mine);
    for (int column = lane() * V; column - lane() * V < width; column += 32 * V) {
      float sum[V];
      sumEntry<T, V>(embeddings, entry, mine, distinct, places, width, column, sum);
      if (column < width) {
#pragma unroll
        for (int v = 0; v < V; v++) sum[v] *= factor;
        storePack<T, V>(sum, out + r * width + column);
      }
    }
    entry = nextEntry;
    mine = nextMine;
  }
}

#define MAKE_WIDTH(T, V, name)                                                                  \
  extern "C" __global__ void __launch_bounds__(256)                                             \
      name(const T* embeddings, const int* bank, const int* indices, long long rows,            \
           int places, int width, T* out) {                                                     \
    decodeTokens<T, V>(embeddings, bank, indices, rows, places, width, out);                    \
  }
#define MAKE(T, suffix)                          \
  MAKE_WIDTH(T, 1, decode_tokens_1_##suffix)     \
  MAKE_WIDTH(T, 4, decode_tokens_4_##suffix)
MNEME_FLOATING(MAKE)
#if MNEME_BF16
MAKE_WIDTH(bf16, 8, decode_tokens_8_bf16)
#endif
