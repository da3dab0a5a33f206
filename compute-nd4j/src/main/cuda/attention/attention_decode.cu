// SPDX-License-Identifier: Apache-2.0
// Attention of a few new positions over a cache [B, capacity, Hkv·headDim], in f32 arithmetic.
#include "attention.cuh"

// Copies the keys and values of the new positions to the caches; a block moves one row.
template <typename T>
__device__ __forceinline__ void store(
    const T* qkv, Heads heads, int first, int capacity, T* keyCache, T* valueCache) {
  long long row = blockIdx.x;
  int sample = (int)(row / heads.sequence);
  int position = first + (int)(row % heads.sequence);
  int width = heads.keyHeads * heads.dim;
  const T* keys = qkv + row * heads.columns() + heads.outputColumns();
  long long to = ((long long)sample * capacity + position) * width;
  for (int i = threadIdx.x; i < width; i += blockDim.x) {
    keyCache[to + i] = keys[i];
    valueCache[to + i] = keys[width + i];
  }
}

constexpr int WARPS = 8;
constexpr int WINDOW = 256;
constexpr int PARTS = WINDOW / 32;

// A block owns one new position of one head, its warps every eighth tile of 32 keys, whose sums are
// merged in the order of the warps. Grid [B·T, H, windows of 256 columns of the output].
template <typename T>
__device__ __forceinline__ void decode(
    const T* qkv, Heads heads, int first, int capacity, float scale, const T* keyCache,
    const T* valueCache, T* out) {
  __shared__ float bests[WARPS];
  __shared__ float totals[WARPS];
  __shared__ float windows[WARPS][WINDOW];
  extern __shared__ float query[];
  long long row = blockIdx.x;
  int head = blockIdx.y;
  int window = blockIdx.z * WINDOW;
  int keys = first + (int)(row % heads.sequence) + 1;
  int width = heads.keyHeads * heads.dim;
  long long cached = row / heads.sequence * capacity * width + head / heads.group() * heads.dim;
  const T* from = qkv + row * heads.columns() + (long long)head * heads.dim;
  for (int d = threadIdx.x; d < heads.dim; d += blockDim.x) query[d] = toFloat(from[d]);
  __syncthreads();

  float best = -MNEME_INFINITY;
  float total = 0.f;
  float sums[PARTS];
#pragma unroll
  for (int i = 0; i < PARTS; i++) sums[i] = 0.f;
  for (int tile = 32 * warp(); tile < keys; tile += 32 * WARPS) {
    int key = tile + lane();
    float s = -MNEME_INFINITY;
    if (key < keys) {
      const T* k = keyCache + cached + (long long)key * width;
      s = 0.f;
      for (int d = 0; d < heads.dim; d++) s = fmaf(query[d], toFloat(k[d]), s);
    }
    float now = fmaxf(best, warpMax(s));
    float keep = exp2f((best - now) * scale * MNEME_LOG2E);
    float p = exp2f((s - now) * scale * MNEME_LOG2E);
    best = now;
    total = total * keep + p;
#pragma unroll
    for (int i = 0; i < PARTS; i++) sums[i] *= keep;
    int count = min(32, keys - tile);
    for (int j = 0; j < count; j++) {
      float weight = __shfl_sync(0xffffffffu, p, j);
      const T* v = valueCache + cached + (long long)(tile + j) * width + window;
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        int d = lane() + 32 * i;
        if (window + d < heads.dim) sums[i] = fmaf(weight, toFloat(v[d]), sums[i]);
      }
    }
  }

  total = warpSum(total);
  if (lane() == 0) bests[warp()] = best, totals[warp()] = total;
#pragma unroll
  for (int i = 0; i < PARTS; i++) windows[warp()][lane() + 32 * i] = sums[i];
  __syncthreads();
  // The first warp had a key, so the largest of all is finite.
  float largest = bests[0];
  for (int w = 1; w < WARPS; w++) largest = fmaxf(largest, bests[w]);
  int d = threadIdx.x;
  float sum = 0.f;
  float all = 0.f;
  for (int w = 0; w < WARPS; w++) {
    float keep = exp2f((bests[w] - largest) * scale * MNEME_LOG2E);
    sum = fmaf(windows[w][d], keep, sum);
    all = fmaf(totals[w], keep, all);
  }
  if (window + d < heads.dim) {
    out[row * heads.outputColumns() + (long long)head * heads.dim + window + d] =
        fromFloat<T>(sum / all);
  }
}

#define MAKE(T, SUFFIX)                                                                           \
  extern "C" __global__ void attention_store_##SUFFIX(                                            \
      const T* qkv, int sequence, int heads, int keyHeads, int dim, int first, int capacity,      \
      T* keyCache, T* valueCache) {                                                               \
    Heads extents{sequence, heads, keyHeads, dim};                                                \
    store(qkv, extents, first, capacity, keyCache, valueCache);                                   \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) attention_decode_##SUFFIX(                    \
      const T* qkv, int sequence, int heads, int keyHeads, int dim, int first, int capacity,      \
      float scale, const T* keyCache, const T* valueCache, T* out) {                              \
    Heads extents{sequence, heads, keyHeads, dim};                                                \
    decode(qkv, extents, first, capacity, scale, keyCache, valueCache, out);                      \
  }
MNEME_FLOATING(MAKE)
