// SPDX-License-Identifier: Apache-2.0
// What all kernels share: bf16 without the toolkit's headers, wide loads and stores, reductions.
#pragma once

using uint = unsigned int;
using u64 = unsigned long long;

#define MNEME_INFINITY __int_as_float(0x7f800000)

// bf16 needs compute capability 8.0; below it the kernels of that type are left out.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define MNEME_BF16 1
#else
#define MNEME_BF16 0
#endif

// Makes the F32 and BF16 versions of a kernel from a macro that takes the type and a name suffix.
#if MNEME_BF16
#define MNEME_FLOATING(MAKE) MAKE(float, f32) MAKE(bf16, bf16)
#else
#define MNEME_FLOATING(MAKE) MAKE(float, f32)
#endif

struct alignas(2) bf16 {
  unsigned short bits;
};

__device__ __forceinline__ float toFloat(float x) { return x; }
__device__ __forceinline__ float toFloat(bf16 x) { return __int_as_float((int)x.bits << 16); }

// Round to nearest, ties to even; NaN stays NaN.
__device__ __forceinline__ bf16 toBf16(float x) {
  bf16 r;
#if MNEME_BF16 && defined(__CUDA_ARCH__)
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(r.bits) : "f"(x));
#else
  uint u = (uint)__float_as_int(x);
  r.bits = x != x ? 0x7fff : (unsigned short)((u + 0x7fff + ((u >> 16) & 1)) >> 16);
#endif
  return r;
}

template <typename T>
struct Convert;
template <>
struct Convert<float> {
  static __device__ __forceinline__ float from(float x) { return x; }
};
template <>
struct Convert<bf16> {
  static __device__ __forceinline__ bf16 from(float x) { return toBf16(x); }
};
template <typename T>
__device__ __forceinline__ T fromFloat(float x) {
  return Convert<T>::from(x);
}

// Two values as the two halves of a register, the first in the low half.
__device__ __forceinline__ uint packBf16(float low, float high) {
#if MNEME_BF16 && defined(__CUDA_ARCH__)
  uint r;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
  return r;
#else
  return (uint)toBf16(low).bits | ((uint)toBf16(high).bits << 16);
#endif
}
__device__ __forceinline__ float lowBf16(uint packed) { return __int_as_float((int)(packed << 16)); }
__device__ __forceinline__ float highBf16(uint packed) {
  return __int_as_float((int)(packed & 0xffff0000u));
}

// N consecutive elements, moved by one load or store if they are at most 16 bytes and aligned.
template <typename T, int N>
struct alignas(sizeof(T) * N <= 16 ? sizeof(T) * N : 16) Pack {
  T at[N];
};

template <typename T, int N>
__device__ __forceinline__ void load(const T* from, float (&to)[N]) {
  Pack<T, N> pack = *reinterpret_cast<const Pack<T, N>*>(from);
#pragma unroll
  for (int i = 0; i < N; i++) to[i] = toFloat(pack.at[i]);
}
template <typename T, int N>
__device__ __forceinline__ void store(const float (&from)[N], T* to) {
  Pack<T, N> pack;
#pragma unroll
  for (int i = 0; i < N; i++) pack.at[i] = fromFloat<T>(from[i]);
  *reinterpret_cast<Pack<T, N>*>(to) = pack;
}

__device__ __forceinline__ int lane() { return threadIdx.x & 31; }
__device__ __forceinline__ int warp() { return threadIdx.x >> 5; }

// Reductions over a warp in a fixed order; every lane gets the result.
__device__ __forceinline__ float warpSum(float x) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}
__device__ __forceinline__ float warpMax(float x) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}

// Reductions over a block of whole warps (at most 32), in a fixed order; every thread gets the
// result. Contains barriers: all threads must come.
__device__ __forceinline__ float blockSum(float x) {
  __shared__ float parts[32];
  x = warpSum(x);
  if (lane() == 0) parts[warp()] = x;
  __syncthreads();
  float total = lane() < (blockDim.x >> 5) ? parts[lane()] : 0.f;
  total = warpSum(total);
  __syncthreads();
  return total;
}
__device__ __forceinline__ float blockMax(float x) {
  __shared__ float parts[32];
  x = warpMax(x);
  if (lane() == 0) parts[warp()] = x;
  __syncthreads();
  float best = lane() < (blockDim.x >> 5) ? parts[lane()] : -MNEME_INFINITY;
  best = warpMax(best);
  __syncthreads();
  return best;
}
