// SPDX-License-Identifier: Apache-2.0
// Packs of consecutive elements: where they may be moved 16 bytes at a time, and loads that leave
// them as they are while many of them are on their way.
#pragma once
#include "common.cuh"

// Elements of 16 bytes.
template <typename T>
constexpr int WIDE = 16 / sizeof(T);

// Whether a pointer may be read 16 bytes at a time.
__device__ __forceinline__ bool isWide(const void* pointer) {
  return (reinterpret_cast<u64>(pointer) & 15) == 0;
}

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

// A pack that is used once, so that it does not drive what is used again out of the caches.
template <int N, typename T>
__device__ __forceinline__ Pack<T, N> loadPackOnce(const T* from) {
#ifdef __CUDA_ARCH__
  if constexpr (sizeof(Pack<T, N>) == 16) {
    Pack<T, N> pack;
    uint* words = reinterpret_cast<uint*>(&pack);
    asm volatile("ld.global.cs.v4.b32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "l"(from));
    return pack;
  }
#endif
  return loadPack<N>(from);
}

// Floats that are used once, so that they do not drive what is used again out of the caches.
template <int N>
__device__ __forceinline__ void loadOnce(const float* from, float (&to)[N]) {
#ifdef __CUDA_ARCH__
  if constexpr (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      asm volatile("ld.global.cs.v4.f32 {%0, %1, %2, %3}, [%4];"
                   : "=f"(to[i]), "=f"(to[i + 1]), "=f"(to[i + 2]), "=f"(to[i + 3])
                   : "l"(from + i));
    }
    return;
  }
#endif
  loadFloats(from, to);
}

template <int N>
__device__ __forceinline__ void storeOnce(const float (&from)[N], float* to) {
#ifdef __CUDA_ARCH__
  if constexpr (N % 4 == 0) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      asm volatile("st.global.cs.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(to + i), "f"(from[i]),
                   "f"(from[i + 1]), "f"(from[i + 2]), "f"(from[i + 3])
                   : "memory");
    }
    return;
  }
#endif
  storePack<float, N>(from, to);
}

// Asks for memory that will be read soon, without a register to wait in.
__device__ __forceinline__ void prefetch(const void* address) {
#ifdef __CUDA_ARCH__
  asm volatile("prefetch.global.L2 [%0];" ::"l"(address));
#endif
}
