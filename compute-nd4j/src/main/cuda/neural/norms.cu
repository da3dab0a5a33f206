// SPDX-License-Identifier: Apache-2.0
// RMSNorm: y = w·x·r with r = 1/√(mean(x²) + eps) by row. A row of up to 512 elements is held by
// lanes of a warp and read once, other rows are read by a block.
#include "norm_rows.cuh"

__device__ __forceinline__ float factor(float squares, int width, float eps) {
  return 1.f / sqrtf(squares / (float)width + eps);
}

// Normalises x, or what x + branch is when rounded to T, which goes to sum.
template <typename T>
__device__ __forceinline__ void rmsNormWarps(const T* x, const T* branch, const float* weight,
                                             float eps, T* sum, T* y, float* rstd, uint rows,
                                             int width, int lanes) {
  uint each = 32 / lanes;
  uint mine = lane() / lanes;
  uint step = gridDim.x * WARPS * each;
  uint first = (blockIdx.x * WARPS + warp()) * each;
  // Lanes behind the last row take part in the sums of the warp.
  auto fetch = [&](const T* from, uint row) {
    if (!from || row >= rows) return Words<T>{};
    return fetchRow(from + (long long)row * width, lanes, width);
  };
  Words<T> nextX = fetch(x, first + mine);
  Words<T> nextBranch = fetch(branch, first + mine);
  const float* shared = shareWeight(weight, width);
  for (; first < rows; first += step) {
    uint row = first + mine;
    long long at = (long long)row * width;
    int end = row < rows ? width : 0;
    Words<T> ownX = nextX;
    Words<T> ownBranch = nextBranch;
    nextX = fetch(x, row + step);
    nextBranch = fetch(branch, row + step);
    Lane<T> v;
    float squares = 0.f;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) {
        v[p][i] = ownX(p, i);
        if (branch) v[p][i] = toFloat(fromFloat<T>(v[p][i] + ownBranch(p, i)));
        squares += v[p][i] * v[p][i];
      }
    }
    if (branch) storeRow(v, sum + at, lanes, end);
    float r = factor(rowSum(squares, lanes), width, eps);
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
      float w[WIDE<T>];
      load(shared + column<T>(p, lanes), w);
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) v[p][i] = v[p][i] * r * w[i];
    }
    storeRow(v, y + at, lanes, end);
    if (row < rows && lane() % lanes == 0) rstd[row] = r;
  }
}

// The same for rows of any width, a block for each row.
template <typename T>
__device__ __forceinline__ void rmsNormBlocks(const T* x, const T* branch, const float* weight,
                                              float eps, T* sum, T* y, float* rstd, uint rows,
                                              int width) {
  for (uint row = blockIdx.x; row < rows; row += gridDim.x) {
    long long at = (long long)row * width;
    float squares = 0.f;
    for (int c = threadIdx.x; c < width; c += BLOCK) {
      float v = toFloat(x[at + c]);
      if (branch) {
        T rounded = fromFloat<T>(v + toFloat(branch[at + c]));
        sum[at + c] = rounded;
        v = toFloat(rounded);
      }
      squares += v * v;
    }
    float r = factor(blockSum(squares), width, eps);
    // Where sum is in the place of x, x is gone.
    const T* normalised = branch ? sum : x;
    for (int c = threadIdx.x; c < width; c += BLOCK) {
      y[at + c] = fromFloat<T>(toFloat(normalised[at + c]) * r * (weight ? weight[c] : 1.f));
    }
    if (threadIdx.x == 0) rstd[row] = r;
  }
}

#define MAKE(T, SUFFIX)                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK, sizeof(T) == 2 ? 4 : 2)                      \
  rms_norm_warps_##SUFFIX(                                                                         \
      const T* x, const T* branch, const float* weight, float eps, T* sum, T* y, float* rstd,      \
      uint rows, int width, int lanes) {                                                           \
    rmsNormWarps<T>(x, branch, weight, eps, sum, y, rstd, rows, width, lanes);                     \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(BLOCK) rms_norm_blocks_##SUFFIX(                    \
      const T* x, const T* branch, const float* weight, float eps, T* sum, T* y, float* rstd,      \
      uint rows, int width) {                                                                      \
    rmsNormBlocks<T>(x, branch, weight, eps, sum, y, rstd, rows, width);                           \
  }
MNEME_FLOATING(MAKE)
