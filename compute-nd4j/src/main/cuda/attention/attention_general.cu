// SPDX-License-Identifier: Apache-2.0
// Causal attention of heads of any width in f32 arithmetic. A warp owns four queries, or four keys,
// and meets tiles of 32 rows in shared memory: a lane owns a row of the tile where products are
// taken, and a column where rows are summed. Sums are of a window of 256 columns; wider heads
// compute their scores once for each window.
#include "attention.cuh"

constexpr int OWN = 4;
constexpr int WARPS = 4;
constexpr int OWN_BLOCK = OWN * WARPS;
constexpr int WINDOW = 256;
constexpr int PARTS = WINDOW / 32;

// Shared memory: a tile of 32 rows, one row longer than 32 banks want, and two sets of own rows of
// each warp, transposed; then the weights of each warp's pairs.
struct Space {
  float* tile;
  float* own[2];
  float* weights;
  int dim;

  __device__ Space(float* memory, int dim) : dim(dim) {
    own[0] = memory + warp() * OWN * dim;
    own[1] = own[0] + OWN_BLOCK * dim;
    weights = memory + 2 * OWN_BLOCK * dim + warp() * 32 * OWN;
    tile = memory + 2 * OWN_BLOCK * dim + WARPS * 32 * OWN;
  }

  template <typename T>
  __device__ void loadOwn(int set, const T* from, long long stride, int valid) {
    for (int i = lane(); i < OWN * dim; i += 32) {
      int r = i / dim;
      int d = i % dim;
      own[set][d * OWN + r] = r < valid ? toFloat(from[r * stride + d]) : 0.f;
    }
  }

  // All threads of the block must come.
  template <typename T>
  __device__ void loadTile(const T* from, long long stride, int valid) {
    __syncthreads();
    for (int i = threadIdx.x; i < 32 * dim; i += blockDim.x) {
      int r = i / dim;
      int d = i % dim;
      tile[r * (dim + 1) + d] = r < valid ? toFloat(from[r * stride + d]) : 0.f;
    }
    __syncthreads();
  }

  // Products of the own rows of a set with this lane's row of the tile.
  __device__ void products(int set, float (&sums)[OWN]) const {
#pragma unroll
    for (int r = 0; r < OWN; r++) sums[r] = 0.f;
    const float* row = tile + lane() * (dim + 1);
    for (int d = 0; d < dim; d++) {
      float4 o = *reinterpret_cast<const float4*>(own[set] + d * OWN);
      sums[0] = fmaf(o.x, row[d], sums[0]);
      sums[1] = fmaf(o.y, row[d], sums[1]);
      sums[2] = fmaf(o.z, row[d], sums[2]);
      sums[3] = fmaf(o.w, row[d], sums[3]);
    }
  }

  // sums[r][i] += Σ weight[r] of lane j · tile[j][window + lane + 32·i].
  __device__ void addRows(
      const float (&weight)[OWN], int window, float (&sums)[OWN][PARTS]) const {
    __syncwarp();
#pragma unroll
    for (int r = 0; r < OWN; r++) weights[lane() * OWN + r] = weight[r];
    __syncwarp();
    if (dim - window <= 32) {
      addColumns<1>(window, sums);
    } else {
      addColumns<PARTS>(window, sums);
    }
  }

  template <int COUNT>
  __device__ __forceinline__ void addColumns(int window, float (&sums)[OWN][PARTS]) const {
    for (int j = 0; j < 32; j++) {
      float4 w = *reinterpret_cast<const float4*>(weights + j * OWN);
      const float* row = tile + j * (dim + 1) + window;
#pragma unroll
      for (int i = 0; i < COUNT; i++) {
        int d = lane() + 32 * i;
        if (window + d < dim) {
          sums[0][i] = fmaf(w.x, row[d], sums[0][i]);
          sums[1][i] = fmaf(w.y, row[d], sums[1][i]);
          sums[2][i] = fmaf(w.z, row[d], sums[2][i]);
          sums[3][i] = fmaf(w.w, row[d], sums[3][i]);
        }
      }
    }
  }

  template <typename T>
  __device__ void store(const float (&sums)[OWN][PARTS], const float (&factors)[OWN], int window,
                        T* to, long long stride, int valid) const {
#pragma unroll
    for (int r = 0; r < OWN; r++) {
#pragma unroll
      for (int i = 0; i < PARTS; i++) {
        int d = window + lane() + 32 * i;
        if (r < valid && d < dim) to[r * stride + d] = fromFloat<T>(sums[r][i] * factors[r]);
      }
    }
  }
};

__device__ __forceinline__ void clear(float (&sums)[OWN][PARTS]) {
#pragma unroll
  for (int r = 0; r < OWN; r++) {
#pragma unroll
    for (int i = 0; i < PARTS; i++) sums[r][i] = 0.f;
  }
}

// Grid of the kernels over queries: [B·H, ceil(T / 16), windows]; a block owns 16 queries.
template <typename T>
__device__ __forceinline__ void generalForward(
    const T* qkv, Heads heads, float scale, T* out, float* logSumExp) {
  extern __shared__ __align__(16) float memory[];
  Space space(memory, heads.dim);
  int sample = blockIdx.x / heads.heads;
  int head = blockIdx.x % heads.heads;
  int keyHead = head / heads.group();
  int block = (gridDim.y - 1 - blockIdx.y) * OWN_BLOCK;
  int row = block + warp() * OWN;
  int valid = heads.sequence - row;
  int window = blockIdx.z * WINDOW;
  long long stride = heads.columns();
  space.loadOwn(0, qkv + heads.query(sample, head) + row * stride, stride, valid);
  float sums[OWN][PARTS];
  clear(sums);
  float best[OWN];
  float total[OWN];
#pragma unroll
  for (int r = 0; r < OWN; r++) best[r] = -MNEME_INFINITY, total[r] = 0.f;
  int end = min(heads.sequence, block + OWN_BLOCK);
  for (int from = 0; from < end; from += 32) {
    const T* key = qkv + heads.key(sample, keyHead) + from * stride;
    space.loadTile(key, stride, heads.sequence - from);
    float s[OWN];
    space.products(0, s);
#pragma unroll
    for (int r = 0; r < OWN; r++) {
      // The first key comes before every query, so best is finite from the first tile on.
      if (from + lane() > row + r) s[r] = -MNEME_INFINITY;
      float now = fmaxf(best[r], warpMax(s[r]));
      float keep = exp2f((best[r] - now) * scale * MNEME_LOG2E);
      s[r] = exp2f((s[r] - now) * scale * MNEME_LOG2E);
      best[r] = now;
      total[r] = total[r] * keep + s[r];
#pragma unroll
      for (int i = 0; i < PARTS; i++) sums[r][i] *= keep;
    }
    const T* value = qkv + heads.value(sample, keyHead) + from * stride;
    space.loadTile(value, stride, heads.sequence - from);
    space.addRows(s, window, sums);
  }
  float factors[OWN];
#pragma unroll
  for (int r = 0; r < OWN; r++) {
    total[r] = warpSum(total[r]);
    factors[r] = 1.f / total[r];
    if (lane() == 0 && r < valid && window == 0) {
      logSumExp[heads.statistic(sample, head) + row + r] = fmaf(best[r], scale, logf(total[r]));
    }
  }
  T* to = out + heads.output(sample, head) + row * heads.outputColumns();
  space.store(sums, factors, window, to, heads.outputColumns(), valid);
}

// ⟨dOut, out⟩ of each (sample, head, position) [B, H, T].
template <typename T>
__device__ __forceinline__ void generalProducts(
    const T* dOut, const T* out, int sequence, int headCount, int dim, long long count,
    float* products) {
  long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (i >= count) return;
  long long strip = i / sequence;
  long long row = strip / headCount * sequence + i % sequence;
  long long from = (row * headCount + strip % headCount) * dim;
  float sum = 0;
  for (int d = 0; d < dim; d++) sum = fmaf(toFloat(dOut[from + d]), toFloat(out[from + d]), sum);
  products[i] = sum;
}

template <typename T>
__device__ __forceinline__ void generalBackwardQueries(
    const T* dOut, const T* qkv, const float* logSumExp, const float* products, Heads heads,
    float scale, T* dQkv) {
  extern __shared__ __align__(16) float memory[];
  Space space(memory, heads.dim);
  int sample = blockIdx.x / heads.heads;
  int head = blockIdx.x % heads.heads;
  int keyHead = head / heads.group();
  int block = (gridDim.y - 1 - blockIdx.y) * OWN_BLOCK;
  int row = block + warp() * OWN;
  int valid = heads.sequence - row;
  int window = blockIdx.z * WINDOW;
  long long stride = heads.columns();
  long long query = heads.query(sample, head) + row * stride;
  long long output = heads.output(sample, head) + row * heads.outputColumns();
  space.loadOwn(0, qkv + query, stride, valid);
  space.loadOwn(1, dOut + output, heads.outputColumns(), valid);
  float sums[OWN][PARTS];
  clear(sums);
  float total[OWN];
  float product[OWN];
#pragma unroll
  for (int r = 0; r < OWN; r++) {
    long long at = heads.statistic(sample, head) + row + r;
    total[r] = r < valid ? logSumExp[at] : MNEME_INFINITY;
    product[r] = r < valid ? products[at] : 0.f;
  }
  int end = min(heads.sequence, block + OWN_BLOCK);
  for (int from = 0; from < end; from += 32) {
    const T* key = qkv + heads.key(sample, keyHead) + from * stride;
    const T* value = qkv + heads.value(sample, keyHead) + from * stride;
    float dp[OWN];
    float s[OWN];
    space.loadTile(value, stride, heads.sequence - from);
    space.products(1, dp);
    space.loadTile(key, stride, heads.sequence - from);
    space.products(0, s);
#pragma unroll
    for (int r = 0; r < OWN; r++) {
      bool behind = from + lane() > row + r;
      float p = behind ? 0.f : exp2f((s[r] * scale - total[r]) * MNEME_LOG2E);
      s[r] = p * (dp[r] - product[r]);
    }
    space.addRows(s, window, sums);
  }
  float factors[OWN] = {scale, scale, scale, scale};
  space.store(sums, factors, window, dQkv + query, stride, valid);
}

// Grid [B·Hkv, ceil(T / 16), windows]; a block owns 16 keys.
template <typename T>
__device__ __forceinline__ void generalBackwardKeys(
    const T* dOut, const T* qkv, const float* logSumExp, const float* products, Heads heads,
    float scale, T* dQkv) {
  extern __shared__ __align__(16) float memory[];
  Space space(memory, heads.dim);
  int sample = blockIdx.x / heads.keyHeads;
  int keyHead = blockIdx.x % heads.keyHeads;
  int block = blockIdx.y * OWN_BLOCK;
  int row = block + warp() * OWN;
  int valid = heads.sequence - row;
  int window = blockIdx.z * WINDOW;
  long long stride = heads.columns();
  long long key = heads.key(sample, keyHead) + row * stride;
  long long value = heads.value(sample, keyHead) + row * stride;
  space.loadOwn(0, qkv + key, stride, valid);
  space.loadOwn(1, qkv + value, stride, valid);
  float dK[OWN][PARTS];
  float dV[OWN][PARTS];
  clear(dK);
  clear(dV);
  for (int head = keyHead * heads.group(); head < (keyHead + 1) * heads.group(); head++) {
    for (int from = block; from < heads.sequence; from += 32) {
      int rows = heads.sequence - from;
      const T* query = qkv + heads.query(sample, head) + from * stride;
      const T* gradient = dOut + heads.output(sample, head) + from * heads.outputColumns();
      long long at = heads.statistic(sample, head) + from + lane();
      float total = lane() < rows ? logSumExp[at] : MNEME_INFINITY;
      float product = lane() < rows ? products[at] : 0.f;
      float p[OWN];
      float ds[OWN];
      space.loadTile(query, stride, rows);
      space.products(0, p);
#pragma unroll
      for (int r = 0; r < OWN; r++) {
        bool before = from + lane() < row + r;
        p[r] = before ? 0.f : exp2f((p[r] * scale - total) * MNEME_LOG2E);
      }
      space.loadTile(gradient, heads.outputColumns(), rows);
      space.products(1, ds);
      space.addRows(p, window, dV);
#pragma unroll
      for (int r = 0; r < OWN; r++) ds[r] = p[r] * (ds[r] - product);
      space.loadTile(query, stride, rows);
      space.addRows(ds, window, dK);
    }
  }
  float ones[OWN] = {1.f, 1.f, 1.f, 1.f};
  float scales[OWN] = {scale, scale, scale, scale};
  space.store(dK, scales, window, dQkv + key, stride, valid);
  space.store(dV, ones, window, dQkv + value, stride, valid);
}

#define MAKE(T, SUFFIX)                                                                           \
  extern "C" __global__ void __launch_bounds__(128) attention_##SUFFIX(                           \
      const T* qkv, int sequence, int heads, int keyHeads, int dim, float scale, T* out,          \
      float* logSumExp) {                                                                         \
    generalForward(qkv, Heads{sequence, heads, keyHeads, dim}, scale, out, logSumExp);            \
  }                                                                                               \
  extern "C" __global__ void attention_products_##SUFFIX(                                         \
      const T* dOut, const T* out, int sequence, int heads, int dim, long long count,             \
      float* products) {                                                                          \
    generalProducts(dOut, out, sequence, heads, dim, count, products);                            \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(128) attention_backward_queries_##SUFFIX(          \
      const T* dOut, const T* qkv, const float* logSumExp, const float* products, int sequence,   \
      int heads, int keyHeads, int dim, float scale, T* dQkv) {                                   \
    Heads extents{sequence, heads, keyHeads, dim};                                                \
    generalBackwardQueries(dOut, qkv, logSumExp, products, extents, scale, dQkv);                 \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(128) attention_backward_keys_##SUFFIX(             \
      const T* dOut, const T* qkv, const float* logSumExp, const float* products, int sequence,   \
      int heads, int keyHeads, int dim, float scale, T* dQkv) {                                   \
    Heads extents{sequence, heads, keyHeads, dim};                                                \
    generalBackwardKeys(dOut, qkv, logSumExp, products, extents, scale, dQkv);                    \
  }
MNEME_FLOATING(MAKE)
