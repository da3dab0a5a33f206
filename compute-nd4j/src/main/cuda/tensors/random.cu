// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers. Element i takes word i mod 4 of block i / 4 of the generator, whose counter
// is the block's number and whose key is the seed; a thread makes one block.
#include "common.cuh"

// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011) of the counter (low, high, 0, 0).
__device__ __forceinline__ void philox(u64 counter, u64 seed, uint (&words)[4]) {
  uint x0 = (uint)counter, x1 = (uint)(counter >> 32), x2 = 0, x3 = 0;
  uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    u64 product0 = 0xD2511F53ull * x0;
    u64 product1 = 0xCD9E8D57ull * x2;
    x0 = (uint)(product1 >> 32) ^ x1 ^ key0;
    x1 = (uint)product1;
    x2 = (uint)(product0 >> 32) ^ x3 ^ key1;
    x3 = (uint)product0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  words[0] = x0;
  words[1] = x1;
  words[2] = x2;
  words[3] = x3;
}

// The number of this thread's block of the generator.
__device__ __forceinline__ long long blockNumber() {
  return (long long)blockIdx.x * blockDim.x + threadIdx.x;
}

template <typename T>
__device__ __forceinline__ void put(const T (&values)[4], T* out, long long first,
                                    long long count) {
  if (first + 4 <= count && ((u64)out & 15) == 0) {
    Pack<T, 4> pack;
#pragma unroll
    for (int i = 0; i < 4; i++) pack.at[i] = values[i];
    *reinterpret_cast<Pack<T, 4>*>(out + first) = pack;
  } else {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (first + i < count) out[first + i] = values[i];
    }
  }
}

// By Box and Muller (1958) from two words, in double precision: what the logarithm, sine and cosine
// of another machine round differently is then lost in the last rounding.
extern "C" __global__ void normal_f32(float* out, long long count, float mean, float deviation,
                                      long long seed) {
  long long block = blockNumber();
  if (4 * block >= count) return;
  uint words[4];
  philox(block, seed, words);
  float values[4];
#pragma unroll
  for (int i = 0; i < 4; i += 2) {
    double u = ((words[i] >> 8) + 1) * 0x1p-24;  // in (0, 1], for the logarithm
    double radius = sqrt(-2 * log(u));
    double sine, cosine;
    sincospi(2 * ((words[i + 1] >> 8) * 0x1p-24), &sine, &cosine);
    values[i] = (float)(mean + (double)deviation * radius * cosine);
    values[i + 1] = (float)(mean + (double)deviation * radius * sine);
  }
  put(values, out, 4 * block, count);
}

// last: the largest value allowed, which rounding could pass. No fused product and sum, so that the
// bits are those of any other machine.
extern "C" __global__ void uniform_f32(float* out, long long count, float low, float width,
                                       float last, long long seed) {
  long long block = blockNumber();
  if (4 * block >= count) return;
  uint words[4];
  philox(block, seed, words);
  float values[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    float value = __fadd_rn(low, __fmul_rn(width, (words[i] >> 8) * 0x1p-24f));
    values[i] = fminf(last, value);
  }
  put(values, out, 4 * block, count);
}

// range: high - low, below 2^32.
extern "C" __global__ void uniform_ints_i32(int* out, long long count, int low, long long range,
                                            long long seed) {
  long long block = blockNumber();
  if (4 * block >= count) return;
  uint words[4];
  philox(block, seed, words);
  int values[4];
#pragma unroll
  for (int i = 0; i < 4; i++) values[i] = (int)((uint)low + (uint)((words[i] * (u64)range) >> 32));
  put(values, out, 4 * block, count);
}
