// SPDX-License-Identifier: Apache-2.0
// RMSNorm: y = w·x·r with r = 1/√(mean(x²) + eps) by row, forward and backward. A row of up to 512
// elements is held by lanes of a warp, 16 elements a lane, and read once; other rows are read by a
// block.
#include "wide.cuh"

constexpr int BLOCK = 256;
constexpr int WARPS = BLOCK / 32;
constexpr int HELD = 16;
constexpr int ROW = 32 * HELD;

template <typename T>
constexpr int PACKS = HELD / WIDE<T>;

// What a lane holds of a row, as packs of consecutive elements.
template <typename T>
using Lane = float[PACKS<T>][WIDE<T>];

// The first column of a pack; lanes, a power of two up to 32, share a row.
template <typename T>
__device__ __forceinline__ int column(int pack, int lanes) {
  return (pack * lanes + (lane() & (lanes - 1))) * WIDE<T>;
}

// The elements behind the row's end are 0.
template <typename T>
__device__ __forceinline__ void loadRow(const T* row, int lanes, int width, Lane<T>& to) {
#pragma unroll
  for (int p = 0; p < PACKS<T>; p++) {
    if (column<T>(p, lanes) < width) {
      load(row + column<T>(p, lanes), to[p]);
    } else {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) to[p][i] = 0.f;
    }
  }
}

template <typename T>
__device__ __forceinline__ void storeRow(const Lane<T>& from, T* row, int lanes, int width) {
#pragma unroll
  for (int p = 0; p < PACKS<T>; p++) {
    if (column<T>(p, lanes) < width) store(from[p], row + column<T>(p, lanes));
  }
}

// Over the lanes of a row, in a fixed order.
__device__ __forceinline__ float rowSum(float x, int lanes) {
#pragma unroll
  for (int step = 16; step > 0; step >>= 1) {
    if (step < lanes) x += __shfl_xor_sync(0xffffffffu, x, step);
  }
  return x;
}

// Weights of a row of the block, 1 where there are none. In shared memory, they leave the registers
// to more rows in flight. All threads must come.
__device__ __forceinline__ const float* shareWeight(const float* weight, int width) {
  alignas(16) __shared__ float shared[ROW];
  for (int c = threadIdx.x; c < ROW; c += BLOCK) shared[c] = weight && c < width ? weight[c] : 1.f;
  __syncthreads();
  return shared;
}

__device__ __forceinline__ float factor(float squares, int width, float eps) {
  return 1.f / sqrtf(squares / (float)width + eps);
}

// Normalises x, or what x + branch is when rounded to T, which goes to sum.
template <typename T>
__device__ __forceinline__ void rmsNormWarps(const T* x, const T* branch, const float* weight,
                                             float eps, T* sum, T* y, float* rstd, uint rows,
                                             int width, int lanes) {
  const float* shared = shareWeight(weight, width);
  uint each = 32 / lanes;
  uint first = (blockIdx.x * WARPS + warp()) * each;
  for (; first < rows; first += gridDim.x * WARPS * each) {
    uint row = first + lane() / lanes;
    long long at = (long long)row * width;
    // Lanes behind the last row take part in the sums of the warp.
    int end = row < rows ? width : 0;
    Lane<T> v;
    loadRow(x + at, lanes, end, v);
    if (branch) {
      Lane<T> b;
      loadRow(branch + at, lanes, end, b);
#pragma unroll
      for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
        for (int i = 0; i < WIDE<T>; i++) v[p][i] = toFloat(fromFloat<T>(v[p][i] + b[p][i]));
      }
      storeRow(v, sum + at, lanes, end);
    }
    float squares = 0.f;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) squares += v[p][i] * v[p][i];
    }
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

// dx (+)= r·w·dy − x·r³/d·Σ w·dy·x. Unless partial is null, row b of it becomes Σ dy·x·r over the
// rows of block b.
template <typename T>
__device__ __forceinline__ void rmsNormBackwardWarps(const T* __restrict__ dy,
                                                     const T* __restrict__ x,
                                                     const float* __restrict__ weight,
                                                     const float* __restrict__ rstd, bool add,
                                                     T* __restrict__ dx,
                                                     float* __restrict__ partial, uint rows,
                                                     int width, int lanes) {
  const float* shared = shareWeight(weight, width);
  Lane<T> dw = {};
  uint each = 32 / lanes;
  uint first = (blockIdx.x * WARPS + warp()) * each;
  for (; first < rows; first += gridDim.x * WARPS * each) {
    uint row = first + lane() / lanes;
    long long at = (long long)row * width;
    int end = row < rows ? width : 0;
    Lane<T> g, v;
    Pack<T, WIDE<T>> old[PACKS<T>];
    loadRow(dy + at, lanes, end, g);
    loadRow(x + at, lanes, end, v);
    float r = row < rows ? rstd[row] : 0.f;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
      int c = column<T>(p, lanes);
      if (add && c < end) old[p] = *reinterpret_cast<const Pack<T, WIDE<T>>*>(dx + at + c);
    }
    float dot = 0.f;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
      float w[WIDE<T>];
      load(shared + column<T>(p, lanes), w);
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) {
        dw[p][i] += g[p][i] * v[p][i] * r;
        g[p][i] *= w[i];
        dot += g[p][i] * v[p][i];
      }
    }
    float c = r * r * r * rowSum(dot, lanes) / (float)width;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) {
        float gradient = r * g[p][i] - c * v[p][i];
        g[p][i] = add ? toFloat(old[p].at[i]) + gradient : gradient;
      }
    }
    storeRow(g, dx + at, lanes, end);
  }
  if (!partial) return;
  // A row of sums for the lanes of each row of the block.
  __shared__ float sums[WARPS * ROW];
  int length = lanes * HELD;
  float* mine = sums + (warp() * each + lane() / lanes) * length;
#pragma unroll
  for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
    for (int i = 0; i < WIDE<T>; i++) mine[column<T>(p, lanes) + i] = dw[p][i];
  }
  __syncthreads();
  for (int c = threadIdx.x; c < width; c += BLOCK) {
    float total = 0.f;
#pragma unroll 8
    for (int i = 0; i < WARPS * each; i++) total += sums[i * length + c];
    partial[(long long)blockIdx.x * width + c] = total;
  }
}

// The same for rows of any width. A column of partial belongs to one thread, which adds to it.
template <typename T>
__device__ __forceinline__ void rmsNormBackwardBlocks(const T* dy, const T* x, const float* weight,
                                                      const float* rstd, bool add, T* dx,
                                                      float* partial, uint rows, int width) {
  float* sums = partial ? partial + (long long)blockIdx.x * width : nullptr;
  if (sums) {
    for (int c = threadIdx.x; c < width; c += BLOCK) sums[c] = 0.f;
  }
  for (uint row = blockIdx.x; row < rows; row += gridDim.x) {
    long long at = (long long)row * width;
    float r = rstd[row];
    float dot = 0.f;
    for (int c = threadIdx.x; c < width; c += BLOCK) {
      float product = toFloat(dy[at + c]) * toFloat(x[at + c]);
      dot += product * (weight ? weight[c] : 1.f);
      if (sums) sums[c] += product * r;
    }
    float scale = r * r * r * blockSum(dot) / (float)width;
    for (int c = threadIdx.x; c < width; c += BLOCK) {
      float w = weight ? weight[c] : 1.f;
      float gradient = r * w * toFloat(dy[at + c]) - scale * toFloat(x[at + c]);
      if (add) gradient += toFloat(dx[at + c]);
      dx[at + c] = fromFloat<T>(gradient);
    }
  }
}

// out[c] += Σ partial[part, c] in a fixed order. Blocks of 32 warps, 32 columns a block.
extern "C" __global__ void __launch_bounds__(1024)
    add_columns(const float* __restrict__ partial, int parts, int width, float* out) {
  __shared__ float sums[32][33];
  int c = blockIdx.x * 32 + lane();
  float total = 0.f;
  if (c < width) {
#pragma unroll 4
    for (int part = warp(); part < parts; part += 32) {
      total += partial[(long long)part * width + c];
    }
  }
  sums[warp()][lane()] = total;
  __syncthreads();
  total = warpSum(sums[lane()][warp()]);
  int mine = blockIdx.x * 32 + warp();
  if (lane() == 0 && mine < width) out[mine] += total;
}

#define MAKE(T, SUFFIX)                                                                       \
  extern "C" __global__ void __launch_bounds__(BLOCK, 4) rms_norm_warps_##SUFFIX(             \
      const T* x, const T* branch, const float* weight, float eps, T* sum, T* y, float* rstd, \
      uint rows, int width, int lanes) {                                                      \
    rmsNormWarps<T>(x, branch, weight, eps, sum, y, rstd, rows, width, lanes);                \
  }                                                                                           \
  extern "C" __global__ void __launch_bounds__(BLOCK) rms_norm_blocks_##SUFFIX(               \
      const T* x, const T* branch, const float* weight, float eps, T* sum, T* y, float* rstd, \
      uint rows, int width) {                                                                 \
    rmsNormBlocks<T>(x, branch, weight, eps, sum, y, rstd, rows, width);                      \
  }                                                                                           \
  extern "C" __global__ void __launch_bounds__(BLOCK, sizeof(T) == 2 ? 3 : 2)                 \
      rms_norm_backward_warps_##SUFFIX(                                                       \
      const T* dy, const T* x, const float* weight, const float* rstd, int add, T* dx,        \
      float* partial, uint rows, int width, int lanes) {                                      \
    rmsNormBackwardWarps<T>(dy, x, weight, rstd, add != 0, dx, partial, rows, width, lanes);  \
  }                                                                                           \
  extern "C" __global__ void __launch_bounds__(BLOCK) rms_norm_backward_blocks_##SUFFIX(      \
      const T* dy, const T* x, const float* weight, const float* rstd, int add, T* dx,        \
      float* partial, uint rows, int width) {                                                 \
    rmsNormBackwardBlocks<T>(dy, x, weight, rstd, add != 0, dx, partial, rows, width);        \
  }
MNEME_FLOATING(MAKE)
