// SPDX-License-Identifier: Apache-2.0
// Mixing of integers into addresses and chances.
#pragma once
#include "common.cuh"

constexpr u64 GOLDEN = 0x9E3779B97F4A7C15ull;

// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
__device__ __forceinline__ u64 mix(u64 x) {
  u64 z = x + GOLDEN;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}
