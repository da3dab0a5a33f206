// SPDX-License-Identifier: Apache-2.0
// Batch normalisation by column. A block has 32 lanes of columns, N columns a lane, and 8 warps
// that take the rows of its part in turn; the parts of a column are joined in a fixed order. Rows
// whose valid is 0 take no part; valid is null where all do.
#include "packs.cuh"

constexpr int WARPS = 8;

// Number, mean, and sum of squared differences from the mean of some values of a column.
struct Moments {
  float count;
  float mean;
  float squares;
};

// Chan, Golub and LeVeque 1979: no digits are lost where the mean is far from zero.
__device__ __forceinline__ Moments join(Moments a, Moments b) {
  if (b.count == 0.f) return a;
  float count = a.count + b.count;
  float share = b.count / count;
  float apart = b.mean - a.mean;
  return {count, a.mean + apart * share, a.squares + b.squares + apart * apart * a.count * share};
}

// Rows of warp w in part p of the rows.
__device__ __forceinline__ int warpRows(long long rows, int chunk, int p, int w) {
  long long length = min((long long)chunk, rows - (long long)p * chunk);
  return length > w ? (int)((length - w + WARPS - 1) / WARPS) : 0;
}

template <int N>
__device__ __forceinline__ int firstColumn() {
  return (blockIdx.x * 32 + lane()) * N;
}

// partial[0, part, c] = mean, partial[1, part, c] = squared differences and partial[2, part, c] =
// rows of part blockIdx.y.
template <typename T, int N, bool MASKED>
__device__ __forceinline__ void moments(const T* __restrict__ x, const int* __restrict__ valid,
                                        long long rows, int width, int chunk,
                                        float* __restrict__ partial) {
  __shared__ Moments found[WARPS][32 * N];
  int column = firstColumn<N>();
  int count = warpRows(rows, chunk, blockIdx.y, warp());
  // Differences from the first value are small where the deviation is.
  float first[N] = {}, sums[N] = {}, squares[N] = {};
  if (MASKED) {
    int all = count;
    count = 0;
    for (int i = 0; i < all; i++) {
      long long row = (long long)blockIdx.y * chunk + warp() + (long long)i * WARPS;
      if (valid[row] == 0) continue;
      if (column < width) {
        float v[N];
        load(x + row * width + column, v);
#pragma unroll
        for (int j = 0; j < N; j++) {
          if (count == 0) first[j] = v[j];
          float difference = v[j] - first[j];
          sums[j] += difference;
          squares[j] += difference * difference;
        }
      }
      count++;
    }
  } else if (column < width && count > 0) {
    const T* from = x + ((long long)blockIdx.y * chunk + warp()) * width + column;
    load(from, first);
#pragma unroll 4
    for (int i = 1; i < count; i++) {
      float v[N];
      load(from + (long long)i * WARPS * width, v);
#pragma unroll
      for (int j = 0; j < N; j++) {
        float difference = v[j] - first[j];
        sums[j] += difference;
        squares[j] += difference * difference;
      }
    }
  }
#pragma unroll
  for (int j = 0; j < N; j++) {
    float mean = count > 0 ? sums[j] / count : 0.f;
    found[warp()][lane() * N + j] = {(float)count, first[j] + mean,
                                     fmaxf(squares[j] - sums[j] * mean, 0.f)};
  }
  __syncthreads();
  for (int i = threadIdx.x; i < 32 * N; i += WARPS * 32) {
    int c = blockIdx.x * 32 * N + i;
    if (c >= width) break;
    Moments all = found[0][i];
    for (int w = 1; w < WARPS; w++) all = join(all, found[w][i]);
    partial[(long long)blockIdx.y * width + c] = all.mean;
    partial[((long long)gridDim.y + blockIdx.y) * width + c] = all.squares;
    partial[(2LL * gridDim.y + blockIdx.y) * width + c] = all.count;
  }
}

// The statistics of all rows from those of the parts. Blocks of 32 warps, 32 columns a block.
extern "C" __global__ void __launch_bounds__(1024)
    batch_norm_statistics(const float* __restrict__ partial, int parts, int width, float eps,
                          float momentum, float* runningMean, float* runningVariance, float* mean,
                          float* rstd) {
  __shared__ Moments found[32][33];
  int c = blockIdx.x * 32 + lane();
  Moments all = {0.f, 0.f, 0.f};
  if (c < width) {
    for (int part = warp(); part < parts; part += 32) {
      all = join(all, {partial[(2LL * parts + part) * width + c],
                       partial[(long long)part * width + c],
                       partial[((long long)parts + part) * width + c]});
    }
  }
  found[warp()][lane()] = all;
  __syncthreads();
  c = blockIdx.x * 32 + warp();
  if (lane() != 0 || c >= width) return;
  all = found[0][warp()];
  for (int w = 1; w < 32; w++) all = join(all, found[w][warp()]);
  mean[c] = all.mean;
  rstd[c] = 1.f / sqrtf(all.squares / fmaxf(all.count, 1.f) + eps);
  if (runningMean && all.count > 1.f) {
    float variance = all.squares / (all.count - 1.f);
    runningMean[c] = (1.f - momentum) * runningMean[c] + momentum * all.mean;
    runningVariance[c] = (1.f - momentum) * runningVariance[c] + momentum * variance;
  }
}

// y = (x − mean)·rstd·weight + bias, with rstd = scale, or 1/√(scale + eps) where scale is a
// variance; 0 in rows that take no part.
template <typename T, int N>
__device__ __forceinline__ void normalise(const T* __restrict__ x, const int* __restrict__ valid,
                                          const float* __restrict__ weight,
                                          const float* __restrict__ bias,
                                          const float* __restrict__ mean,
                                          const float* __restrict__ scale, bool variance, float eps,
                                          T* __restrict__ y, long long rows, int width,
                                          int chunk) {
  int column = firstColumn<N>();
  if (column >= width) return;
  float m[N], factor[N], b[N];
#pragma unroll
  for (int j = 0; j < N; j++) {
    float rstd = scale[column + j];
    if (variance) rstd = 1.f / sqrtf(rstd + eps);
    m[j] = mean[column + j];
    factor[j] = rstd * weight[column + j];
    b[j] = bias[column + j];
  }
  int count = warpRows(rows, chunk, blockIdx.y, warp());
  long long row = (long long)blockIdx.y * chunk + warp();
  long long at = row * width + column;
#pragma unroll 4
  for (int i = 0; i < count; i++, at += (long long)WARPS * width) {
    float v[N];
    load(x + at, v);
#pragma unroll
    for (int j = 0; j < N; j++) v[j] = (v[j] - m[j]) * factor[j] + b[j];
    if (valid != nullptr && valid[row + (long long)i * WARPS] == 0) {
#pragma unroll
      for (int j = 0; j < N; j++) v[j] = 0.f;
    }
    store(v, y + at);
  }
}

// partial[0, part, c] = Σ dy and partial[1, part, c] = Σ dy·x̂ of part blockIdx.y, where x̂ = (x −
// mean)·rstd, and counts[part] = its rows.
template <typename T, int N, bool MASKED>
__device__ __forceinline__ void gradientSums(const T* __restrict__ dy, const T* __restrict__ x,
                                             const int* __restrict__ valid,
                                             const float* __restrict__ mean,
                                             const float* __restrict__ rstd, long long rows,
                                             int width, int chunk, float* __restrict__ partial,
                                             float* __restrict__ counts) {
  __shared__ float2 found[WARPS][32 * N];
  __shared__ int foundRows[WARPS];
  int column = firstColumn<N>();
  float m[N] = {}, r[N] = {}, sums[N] = {}, products[N] = {};
  int count = warpRows(rows, chunk, blockIdx.y, warp());
  long long row = (long long)blockIdx.y * chunk + warp();
  int taken = count;
  if (MASKED) {
    taken = 0;
    for (int i = lane(); i < count; i += 32) taken += valid[row + (long long)i * WARPS] != 0;
    taken = (int)warpSum((float)taken);
  }
  if (lane() == 0) foundRows[warp()] = taken;
  if (column < width) {
#pragma unroll
    for (int j = 0; j < N; j++) {
      m[j] = mean[column + j];
      r[j] = rstd[column + j];
    }
    long long at = row * width + column;
#pragma unroll 2
    for (int i = 0; i < count; i++, at += (long long)WARPS * width) {
      if (MASKED && valid[row + (long long)i * WARPS] == 0) continue;
      float g[N], v[N];
      load(dy + at, g);
      load(x + at, v);
#pragma unroll
      for (int j = 0; j < N; j++) {
        sums[j] += g[j];
        products[j] += g[j] * ((v[j] - m[j]) * r[j]);
      }
    }
  }
#pragma unroll
  for (int j = 0; j < N; j++) found[warp()][lane() * N + j] = {sums[j], products[j]};
  __syncthreads();
  for (int i = threadIdx.x; i < 32 * N; i += WARPS * 32) {
    int c = blockIdx.x * 32 * N + i;
    if (c >= width) break;
    float2 all = found[0][i];
    for (int w = 1; w < WARPS; w++) {
      all.x += found[w][i].x;
      all.y += found[w][i].y;
    }
    partial[(long long)blockIdx.y * width + c] = all.x;
    partial[((long long)gridDim.y + blockIdx.y) * width + c] = all.y;
  }
  if (blockIdx.x == 0 && threadIdx.x == 0) {
    int all = 0;
    for (int w = 0; w < WARPS; w++) all += foundRows[w];
    counts[blockIdx.y] = (float)all;
  }
}

// Sums of the parts: added to the gradients, and as means over the rows to means [2, width]. Blocks
// of 32 warps; 32 columns a block.
extern "C" __global__ void __launch_bounds__(1024)
    batch_norm_gradients(const float* __restrict__ partial, int parts,
                         const float* __restrict__ counts, int width, float* dWeight, float* dBias,
                         float* __restrict__ means) {
  __shared__ float2 found[32][33];
  float taken = 0.f;
  for (int part = threadIdx.x; part < parts; part += blockDim.x) taken += counts[part];
  taken = fmaxf(blockSum(taken), 1.f);
  int c = blockIdx.x * 32 + lane();
  float2 all = {0.f, 0.f};
  if (c < width) {
    for (int part = warp(); part < parts; part += 32) {
      all.x += partial[(long long)part * width + c];
      all.y += partial[((long long)parts + part) * width + c];
    }
  }
  found[warp()][lane()] = all;
  __syncthreads();
  all = found[lane()][warp()];
  float sum = warpSum(all.x);
  float product = warpSum(all.y);
  c = blockIdx.x * 32 + warp();
  if (lane() != 0 || c >= width) return;
  dBias[c] += sum;
  dWeight[c] += product;
  means[c] = sum / taken;
  means[width + c] = product / taken;
}

// dx = weight·rstd·(dy − mean of dy − x̂·mean of dy·x̂), with means as batch_norm_gradients left
// them; 0 in rows that take no part.
template <typename T, int N, bool MASKED>
__device__ __forceinline__ void inputGradient(const T* __restrict__ dy, const T* __restrict__ x,
                                              const int* __restrict__ valid,
                                              const float* __restrict__ weight,
                                              const float* __restrict__ mean,
                                              const float* __restrict__ rstd,
                                              const float* __restrict__ means,
                                              T* __restrict__ dx, long long rows, int width,
                                              int chunk) {
  int column = firstColumn<N>();
  if (column >= width) return;
  float m[N], r[N], factor[N], sum[N], product[N];
#pragma unroll
  for (int j = 0; j < N; j++) {
    m[j] = mean[column + j];
    r[j] = rstd[column + j];
    factor[j] = weight[column + j] * r[j];
    sum[j] = means[column + j];
    product[j] = means[width + column + j];
  }
  int count = warpRows(rows, chunk, blockIdx.y, warp());
  long long row = (long long)blockIdx.y * chunk + warp();
  long long at = row * width + column;
  // Unrolled, the masked form would need more registers than there are.
#pragma unroll(MASKED ? 1 : 2)
  for (int i = 0; i < count; i++, row += WARPS, at += (long long)WARPS * width) {
    float g[N], v[N];
    load(dy + at, g);
    load(x + at, v);
#pragma unroll
    for (int j = 0; j < N; j++) {
      g[j] = factor[j] * (g[j] - sum[j] - (v[j] - m[j]) * r[j] * product[j]);
    }
    if (MASKED && valid[row] == 0) {
#pragma unroll
      for (int j = 0; j < N; j++) g[j] = 0.f;
    }
    store(g, dx + at);
  }
}

#define MAKE_FOR(T, N, SUFFIX)                                                                   \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_moments_##SUFFIX(              \
      const T* x, const int* valid, long long rows, int width, int chunk, float* partial) {      \
    if (valid != nullptr) {                                                                      \
      moments<T, N, true>(x, valid, rows, width, chunk, partial);                                \
    } else {                                                                                     \
      moments<T, N, false>(x, valid, rows, width, chunk, partial);                               \
    }                                                                                            \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_normalise_##SUFFIX(            \
      const T* x, const int* valid, const float* weight, const float* bias, const float* mean,   \
      const float* scale, int variance, float eps, T* y, long long rows, int width, int chunk) { \
    normalise<T, N>(x, valid, weight, bias, mean, scale, variance != 0, eps, y, rows, width,     \
                    chunk);                                                                      \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_sums_##SUFFIX(                 \
      const T* dy, const T* x, const int* valid, const float* mean, const float* rstd,           \
      long long rows, int width, int chunk, float* partial, float* counts) {                     \
    if (valid != nullptr) {                                                                      \
      gradientSums<T, N, true>(dy, x, valid, mean, rstd, rows, width, chunk, partial, counts);   \
    } else {                                                                                     \
      gradientSums<T, N, false>(dy, x, valid, mean, rstd, rows, width, chunk, partial, counts);  \
    }                                                                                            \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(256, 4) batch_norm_backward_##SUFFIX(             \
      const T* dy, const T* x, const int* valid, const float* weight, const float* mean,         \
      const float* rstd, const float* means, T* dx, long long rows, int width, int chunk) {      \
    if (valid != nullptr) {                                                                      \
      inputGradient<T, N, true>(dy, x, valid, weight, mean, rstd, means, dx, rows, width,        \
                                chunk);                                                          \
    } else {                                                                                     \
      inputGradient<T, N, false>(dy, x, valid, weight, mean, rstd, means, dx, rows, width,       \
                                 chunk);                                                         \
    }                                                                                            \
  }
#define MAKE(T, SUFFIX) MAKE_FOR(T, WIDE<T>, wide_##SUFFIX) MAKE_FOR(T, 1, SUFFIX)
MNEME_FLOATING(MAKE)
