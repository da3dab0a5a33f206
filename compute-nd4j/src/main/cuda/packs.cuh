// SPDX-License-Identifier: Apache-2.0
// Packs of consecutive elements that stay as they are while many of them are on their way.
#pragma once
#include "common.cuh"

template <int N, typename T>
__device__ __forceinline__ Pack<T, N> loadPack(const T* from) {
  return *reinterpret_cast<const Pack<T, N>*>(from);
}

// The elements as floats; two of bf16 at a time, since they are the halves of a register.
template <typename T, int N>
__device__ __forceinline__ void unpack(const Pack<T, N>& pack, float (&to)[N]) {
  if constexpr (sizeof(T) == 2 && N % 2 == 0) {
    const uint* halves = reinterpret_cast<const uint*>(&pack);
#pragma unroll
    for (int i = 0; i < N; i += 2) {
      to[i] = lowBf16(halves[i / 2]);
      to[i + 1] = highBf16(halves[i / 2]);
    }
  } else {
#pragma unroll
    for (int i = 0; i < N; i++) to[i] = toFloat(pack.at[i]);
  }
}

template <typename T, int N>
__device__ __forceinline__ void storePack(const float (&from)[N], T* to) {
  if constexpr (sizeof(T) == 2 && N % 2 == 0) {
    Pack<T, N> pack;
    uint* halves = reinterpret_cast<uint*>(&pack);
#pragma unroll
    for (int i = 0; i < N; i += 2) halves[i / 2] = packBf16(from[i], from[i + 1]);
    *reinterpret_cast<Pack<T, N>*>(to) = pack;
  } else {
    store<T, N>(from, to);
  }
}

template <typename T, int N>
__device__ __forceinline__ void loadFloats(const T* from, float (&to)[N]) {
  unpack(loadPack<N>(from), to);
}
