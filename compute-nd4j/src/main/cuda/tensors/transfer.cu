// SPDX-License-Identifier: Apache-2.0
// Copies that convert. Copies of one type, and fills, are the driver's.
#include "common.cuh"

// to = from, eight elements a thread: 32 bytes of f32 and 16 of bf16.
template <typename From, typename To>
__device__ __forceinline__ void convert(const From* from, To* to, long long count) {
  constexpr int N = 8;
  long long first = N * ((long long)blockIdx.x * blockDim.x + threadIdx.x);
  bool wide = (((u64)from | (u64)to) & 15) == 0;
  if (wide && first + N <= count) {
    float values[N];
    load(from + first, values);
    store(values, to + first);
  } else {
    long long end = first + N < count ? first + N : count;
    for (long long i = first; i < end; i++) to[i] = fromFloat<To>(toFloat(from[i]));
  }
}

#if MNEME_BF16
extern "C" __global__ void convert_to_bf16(const float* from, bf16* to, long long count) {
  convert(from, to, count);
}
extern "C" __global__ void convert_to_f32(const bf16* from, float* to, long long count) {
  convert(from, to, count);
}
#endif
