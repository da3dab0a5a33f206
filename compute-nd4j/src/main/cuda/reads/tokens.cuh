// SPDX-License-Identifier: Apache-2.0
// Sums of the embeddings of an entry's tokens by a warp, V columns a lane.
#pragma once
#include "packs.cuh"

constexpr int TOKEN_BATCH = 4;

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

template <typename T, int V>
__device__ __forceinline__ void addTokens(const T* __restrict__ embeddings, int mine,
                                          Distinct distinct, int width, int column,
                                          float (&sum)[V]) {
  bool active = column < width;
  while (distinct.first != 0) {
    Pack<T, V> packs[TOKEN_BATCH];
    float counts[TOKEN_BATCH];
#pragma unroll
    for (int i = 0; i < TOKEN_BATCH; i++) {
      int from = distinct.next();
      int token = __shfl_sync(0xffffffffu, mine, from);
      counts[i] = from < 0 ? 0.f : __shfl_sync(0xffffffffu, distinct.count, from);
      if (active && from >= 0) {
        packs[i] = loadPack<V>(embeddings + (long long)token * width + column);
      }
    }
#pragma unroll
    for (int i = 0; i < TOKEN_BATCH; i++) {
      if (active && counts[i] != 0.f) {
        float values[V];
        unpack(packs[i], values);
#pragma unroll
        for (int v = 0; v < V; v++) sum[v] += counts[i] * values[v];
      }
    }
  }
}

// The sum over all tokens of an entry; the warp's lanes hold the first of them in `mine`.
template <typename T, int V>
__device__ __forceinline__ void sumEntry(const T* __restrict__ embeddings,
                                         const int* __restrict__ entry, int mine,
                                         Distinct distinct, int places, int width, int column,
                                         float (&sum)[V]) {
#pragma unroll
  for (int v = 0; v < V; v++) sum[v] = 0.f;
  addTokens<T, V>(embeddings, mine, distinct, width, column, sum);
  for (int base = 32; base < places; base += 32) {
    int more = base + lane() < places ? entry[base + lane()] : -1;
    addTokens<T, V>(embeddings, more, Distinct(more), width, column, sum);
  }
}
