// SPDX-License-Identifier: Apache-2.0
// The sum of all elements, in a fixed order: each block writes its part, and the same kernel with
// one block adds the parts.
#include "packs.cuh"

// out[block] (+)= factor · the sum of the block's elements.
template <typename T>
__device__ __forceinline__ void sum(const T* __restrict__ x, long long count, float factor,
                                    bool add, float* __restrict__ out) {
  long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  long long threads = (long long)gridDim.x * blockDim.x;
  long long packs = isWide(x) ? count / WIDE<T> : 0;
  float total = 0.f;
#pragma unroll 4
  for (long long i = thread; i < packs; i += threads) {
    float v[WIDE<T>];
    load(x + i * WIDE<T>, v);
#pragma unroll
    for (int j = 0; j < WIDE<T>; j++) total += v[j];
  }
  for (long long i = packs * WIDE<T> + thread; i < count; i += threads) total += toFloat(x[i]);
  total = factor * blockSum(total);
  if (threadIdx.x == 0) out[blockIdx.x] = add ? out[blockIdx.x] + total : total;
}

#define MAKE(T, SUFFIX)                                                              \
  extern "C" __global__ void __launch_bounds__(1024)                                 \
      sum_##SUFFIX(const T* x, long long count, float factor, int add, float* out) { \
    sum<T>(x, count, factor, add != 0, out);                                         \
  }
MNEME_FLOATING(MAKE)
