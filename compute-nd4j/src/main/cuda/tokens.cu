// SPDX-License-Identifier: Apache-2.0
// Entries that are token ids: out[r] = mean over k of embeddings[bank[indices[r], k]].
#include "packs.cuh"

constexpr int BATCH = 8;

// The tokens that a warp's lanes hold, each once: a lane that is the first of its token has a bit.
struct Distinct {
  uint first;
  float count;

  // A lane without a token holds a negative one.
  __device__ __forceinline__ explicit Distinct(int token) {
    uint same = __match_any_sync(0xffffffffu, token);
    bool isFirst = token >= 0 && __ffs(same) - 1 == lane();
    first = __ballot_sync(0xffffffffu, isFirst);
    count = (float)__popc(same);
  }

  // Takes the next lane; −1 when all are taken.
  __device__ __forceinline__ int next() {
    int result = __ffs(first) - 1;
    first &= first - 1;
    return result;
  }
};

// A warp reads an entry, V columns a lane at a time. The embeddings lie in the second-level cache.
// Equal tokens, of which collapsed entries are full, are read once.
template <typename T, int V>
__device__ __forceinline__ void decodeTokens(const T* __restrict__ embeddings,
                                             const int* __restrict__ bank,
                                             const int* __restrict__ indices, long long rows,
                                             int places, int width, T* __restrict__ out) {
  long long r = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (r >= rows) return;
  const int* entry = bank + (long long)indices[r] * places;
  float factor = 1.f / places;
  for (int tile = 0; tile < width; tile += 32 * V) {
    int column = tile + lane() * V;
    bool active = column < width;
    float sum[V] = {};
    for (int base = 0; base < places; base += 32) {
      int mine = base + lane() < places ? entry[base + lane()] : -1;
      Distinct distinct(mine);
      while (distinct.first != 0) {
        Pack<T, V> packs[BATCH];
        float counts[BATCH];
#pragma unroll
        for (int i = 0; i < BATCH; i++) {
          int from = distinct.next();
          int token = __shfl_sync(0xffffffffu, mine, from);
          counts[i] = from < 0 ? 0.f : __shfl_sync(0xffffffffu, distinct.count, from);
          if (active && from >= 0) {
            packs[i] = loadPack<V>(embeddings + (long long)token * width + column);
          }
        }
#pragma unroll
        for (int i = 0; i < BATCH; i++) {
          if (active && counts[i] != 0.f) {
            float values[V];
            unpack(packs[i], values);
#pragma unroll
            for (int v = 0; v < V; v++) sum[v] += counts[i] * values[v];
          }
        }
      }
    }
    if (active) {
#pragma unroll
      for (int v = 0; v < V; v++) sum[v] *= factor;
      storePack<T, V>(sum, out + r * width + column);
    }
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
