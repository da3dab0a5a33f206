// SPDX-License-Identifier: Apache-2.0
// Tells whether two runs wrote the same bits, without keeping either.
#include "common.cuh"

// found[0] += a sum over all words of a hash of the word and its place; found[1] += words that are
// not 0. Integers, so that the order of the additions does not matter.
extern "C" __global__ void fingerprint_i32(const uint* __restrict__ words, long long count,
                                           u64* __restrict__ found) {
  u64 sum = 0;
  u64 used = 0;
  long long step = (long long)gridDim.x * blockDim.x;
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) {
    uint word = words[i];
    u64 hash = ((u64)word << 32 ^ (u64)i) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9ull;
    sum += hash ^ hash >> 32;
    used += word != 0;
  }
#pragma unroll
  for (int distance = 16; distance > 0; distance >>= 1) {
    sum += __shfl_xor_sync(0xffffffffu, sum, distance);
    used += __shfl_xor_sync(0xffffffffu, used, distance);
  }
  if (lane() == 0) {
    atomicAdd(found, sum);
    atomicAdd(found + 1, used);
  }
}
