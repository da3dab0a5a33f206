// SPDX-License-Identifier: Apache-2.0
// Rows of norms that lanes of a warp hold: up to 512 elements, 16 of them a lane. A warp asks for a
// row while the row before it is under way.
#pragma once
#include "packs.cuh"

constexpr int BLOCK = 256;
constexpr int WARPS = BLOCK / 32;
constexpr int HELD = 16;
constexpr int ROW = 32 * HELD;

template <typename T>
constexpr int PACKS = HELD / WIDE<T>;

// What a lane holds of a row, as packs of consecutive elements: as numbers, and as the words of
// memory, which need fewer registers.
template <typename T>
using Lane = float[PACKS<T>][WIDE<T>];
template <typename T>
struct Words {
  Pack<uint, 4> at[PACKS<T>];

  __device__ __forceinline__ float operator()(int pack, int i) const {
    uint word = at[pack].at[i * sizeof(T) / 4];
    if constexpr (sizeof(T) == 4) return __int_as_float((int)word);
    return i & 1 ? highBf16(word) : lowBf16(word);
  }
};

// The first column of a pack; lanes, a power of two up to 32, share a row.
template <typename T>
__device__ __forceinline__ int column(int pack, int lanes) {
  return (pack * lanes + (lane() & (lanes - 1))) * WIDE<T>;
}

// The elements behind the row's end are 0.
template <typename T>
__device__ __forceinline__ Words<T> fetchRow(const T* row, int lanes, int width) {
  Words<T> words = {};
#pragma unroll
  for (int p = 0; p < PACKS<T>; p++) {
    int c = column<T>(p, lanes);
    if (c < width) words.at[p] = loadPackOnce<4>(reinterpret_cast<const uint*>(row + c));
  }
  return words;
}

template <typename T>
__device__ __forceinline__ void storeRow(const Lane<T>& from, T* row, int lanes, int width) {
#pragma unroll
  for (int p = 0; p < PACKS<T>; p++) {
    if (column<T>(p, lanes) < width) storePack(from[p], row + column<T>(p, lanes));
  }
}

// Over the lanes of a row, in a fixed order.
__device__ __forceinline__ float rowSum(float x, int lanes) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) {
    if (step < lanes) x += __shfl_xor_sync(0xffffffffu, x, step);
  }
  return x;
}

// Weights of a row of the block, 1 where there are none. In shared memory, they leave the registers
// to more rows in flight. All threads must come.
__device__ __forceinline__ const float* shareWeight(const float* weight, int width) {
  alignas(16) __shared__ float shared[ROW];
  for (int c = threadIdx.x; c < ROW; c += BLOCK) shared[c] = weight && c < width ? weight[c] : 1.f;
  __syncthreads();
  return shared;
}
