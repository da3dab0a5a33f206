// SPDX-License-Identifier: Apache-2.0
// The gradient of RMSNorm, of norms.cu: dx (+)= r·w·dy − x·r³/d·Σ w·dy·x by row, dw += Σ dy·x·r over
// the rows, for which every block leaves a row of partial sums.
#include "norm_rows.cuh"

// What a lane needs of a row; dx only where it is added to.
template <typename T>
struct Given {
  Words<T> dy;
  Words<T> x;
  Words<T> dx;
  float r;
};

// Unless partial is null, row b of it becomes Σ dy·x·r over the rows of block b.
template <typename T>
__device__ __forceinline__ void rmsNormBackwardWarps(const T* __restrict__ dy,
                                                     const T* __restrict__ x,
                                                     const float* __restrict__ weight,
                                                     const float* __restrict__ rstd, bool add,
                                                     T* __restrict__ dx,
                                                     float* __restrict__ partial, uint rows,
                                                     int width, int lanes) {
  uint each = 32 / lanes;
  uint mine = lane() / lanes;
  uint step = gridDim.x * WARPS * each;
  uint first = (blockIdx.x * WARPS + warp()) * each;
  // Lanes behind the last row take part in the sums of the warp.
  auto fetch = [&](uint row) {
    long long at = (long long)row * width;
    int end = row < rows ? width : 0;
    return Given<T>{
        fetchRow(dy + at, lanes, end), fetchRow(x + at, lanes, end),
        fetchRow<T>(dx + at, lanes, add ? end : 0), row < rows ? rstd[row] : 0.f};
  };
  Given<T> next = fetch(first + mine);
  const float* shared = shareWeight(weight, width);
  Lane<T> dw = {};
  for (; first < rows; first += step) {
    uint row = first + mine;
    T* to = dx + (long long)row * width;
    int end = row < rows ? width : 0;
    Given<T> own = next;
    next = fetch(row + step);
    Lane<T> g;
    float dot = 0.f;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
      float w[WIDE<T>];
      load(shared + column<T>(p, lanes), w);
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) {
        g[p][i] = own.dy(p, i);
        dw[p][i] += g[p][i] * own.x(p, i) * own.r;
        g[p][i] *= w[i];
        dot += g[p][i] * own.x(p, i);
      }
    }
    float c = own.r * own.r * own.r * rowSum(dot, lanes) / (float)width;
#pragma unroll
    for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) {
        float gradient = own.r * g[p][i] - c * own.x(p, i);
        g[p][i] = add ? own.dx(p, i) + gradient : gradient;
      }
    }
    storeRow(g, to, lanes, end);
  }
  if (!partial) return;
  // A row of sums for the lanes of each row of the block.
  __shared__ float sums[WARPS * ROW];
  int length = lanes * HELD;
  float* own = sums + (warp() * each + mine) * length;
#pragma unroll
  for (int p = 0; p < PACKS<T>; p++) {
#pragma unroll
    for (int i = 0; i < WIDE<T>; i++) own[column<T>(p, lanes) + i] = dw[p][i];
  }
  __syncthreads();
  for (int c = threadIdx.x; c < width; c += BLOCK) {
    float total = 0.f;
#pragma unroll 8
    for (int i = 0; i < WARPS * each; i++) total += sums[i * length + c];
    partial[(long long)blockIdx.x * width + c] = total;
  }
}

// The same for rows of any width, a block for each row. A column of partial belongs to one thread, which adds to it.
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
    // So many loads in flight, whether there are that many parts or not.
    constexpr int LOADS = 16;
    for (int first = warp(); first < parts; first += 32 * LOADS) {
#pragma unroll
      for (int i = 0; i < LOADS; i++) {
        int part = first + 32 * i;
        total += part < parts ? partial[(long long)part * width + c] : 0.f;
      }
    }
  }
  sums[warp()][lane()] = total;
  __syncthreads();
  total = warpSum(sums[lane()][warp()]);
  int mine = blockIdx.x * 32 + warp();
  if (lane() == 0 && mine < width) out[mine] += total;
}

#define MAKE(T, SUFFIX)                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK, sizeof(T) == 2 ? 2 : 1)                      \
  rms_norm_backward_warps_##SUFFIX(                                                                \
      const T* dy, const T* x, const float* weight, const float* rstd, int add, T* dx,             \
      float* partial, uint rows, int width, int lanes) {                                           \
    rmsNormBackwardWarps<T>(dy, x, weight, rstd, add != 0, dx, partial, rows, width, lanes);       \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(BLOCK) rms_norm_backward_blocks_##SUFFIX(           \
      const T* dy, const T* x, const float* weight, const float* rstd, int add, T* dx,             \
      float* partial, uint rows, int width) {                                                      \
    rmsNormBackwardBlocks<T>(dy, x, weight, rstd, add != 0, dx, partial, rows, width);             \
  }
MNEME_FLOATING(MAKE)
