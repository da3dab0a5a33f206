// SPDX-License-Identifier: Apache-2.0
// Loads and stores of 16 bytes, for kernels that are bound by memory.
#pragma once
#include "common.cuh"

// Elements of 16 bytes.
template <typename T>
constexpr int WIDE = 16 / sizeof(T);

// Whether a pointer may be read 16 bytes at a time.
__device__ __forceinline__ bool isWide(const void* pointer) {
  return (reinterpret_cast<u64>(pointer) & 15) == 0;
}
