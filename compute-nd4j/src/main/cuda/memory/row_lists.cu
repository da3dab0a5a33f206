// SPDX-License-Identifier: Apache-2.0
// Lists of the rows of a table that a step has used, whose length only the device knows.
#include "scan.cuh"

constexpr int THREADS = 256;
constexpr int ITEMS = 8;
constexpr uint TILE = THREADS * ITEMS;

// listed[block] = rows of the block's tile that were counted; listed[tiles] = 0.
extern "C" __global__ void __launch_bounds__(THREADS)
    listed_rows_i32(const int* counts, int rows, int* listed) {
  uint first = blockIdx.x * TILE;
  int found = 0;
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    if (at < (uint)rows && counts[at] > 0) found++;
  }
  int total;
  blockExclusiveSum(found, total);
  if (threadIdx.x == 0) {
    listed[blockIdx.x] = total;
    if (blockIdx.x == 0) listed[gridDim.x] = 0;
  }
}

// Writes the rows that were counted. listed[block] = those before the block's tile, listed[tiles] =
// all.
extern "C" __global__ void __launch_bounds__(THREADS)
    list_rows_i32(const int* counts, int rows, const int* listed, int* list, int* rowCount) {
  uint first = blockIdx.x * TILE;
  int next = listed[blockIdx.x];
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    bool used = at < (uint)rows && counts[at] > 0;
    int total;
    int before = blockExclusiveSum(used, total);
    if (used) list[next + before] = (int)at;
    next += total;
  }
  if (blockIdx.x == 0 && threadIdx.x == 0) *rowCount = listed[gridDim.x];
}

// table[list[r]] = 0 for r < rowCount; packs of V elements of a row, 2^shift threads for each.
template <int V>
__device__ __forceinline__ void zeroRows(const int* list, const int* rowCount, int packs, int shift,
                                         float* table) {
  long long threads = (long long)gridDim.x * blockDim.x;
  long long end = (long long)*rowCount << shift;
  const float zeros[V] = {};
  for (long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x; thread < end;
       thread += threads) {
    float* row = table + (long long)list[thread >> shift] * packs * V;
    for (int i = (int)(thread & ((1 << shift) - 1)); i < packs; i += 1 << shift) {
      store<float, V>(zeros, row + i * V);
    }
  }
}

extern "C" __global__ void zero_rows_narrow(const int* list, const int* rowCount, int packs,
                                            int shift, float* table) {
  zeroRows<1>(list, rowCount, packs, shift, table);
}
extern "C" __global__ void zero_rows_wide(const int* list, const int* rowCount, int packs,
                                          int shift, float* table) {
  zeroRows<4>(list, rowCount, packs, shift, table);
}
