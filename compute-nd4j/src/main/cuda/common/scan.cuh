// SPDX-License-Identifier: Apache-2.0
// Exclusive prefix sums of integers within a block.
#pragma once
#include "common.cuh"

// The sum of x over the lanes before this one; total gets the sum over the warp.
__device__ __forceinline__ int warpExclusiveSum(int x, int& total) {
  int sum = x;
#pragma unroll
  for (int step = 1; step < 32; step <<= 1) {
    int below = __shfl_up_sync(0xffffffffu, sum, step);
    if (lane() >= step) sum += below;
  }
  total = __shfl_sync(0xffffffffu, sum, 31);
  return sum - x;
}

// The sum of x over the threads before this one; total gets the sum over the block of whole warps.
// Contains barriers: all threads must come.
__device__ __forceinline__ int blockExclusiveSum(int x, int& total) {
  __shared__ int parts[32];
  int warpTotal;
  int before = warpExclusiveSum(x, warpTotal);
  if (lane() == 0) parts[warp()] = warpTotal;
  __syncthreads();
  int part = lane() < (blockDim.x >> 5) ? parts[lane()] : 0;
  int partsBefore = warpExclusiveSum(part, total);
  before += __shfl_sync(0xffffffffu, partsBefore, warp());
  __syncthreads();
  return before;
}

// Replaces values[0 … length) in shared memory by the sums of those before. Begins and ends with a
// barrier.
__device__ __forceinline__ void sharedExclusiveScan(int* values, int length) {
  __syncthreads();
  int carry = 0;
  for (int from = 0; from < length; from += blockDim.x) {
    int at = from + threadIdx.x;
    int total;
    int before = blockExclusiveSum(at < length ? values[at] : 0, total);
    if (at < length) values[at] = carry + before;
    carry += total;
  }
  __syncthreads();
}
