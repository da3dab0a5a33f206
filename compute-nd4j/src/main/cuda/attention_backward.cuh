// SPDX-License-Identifier: Apache-2.0
// The gradient of attention_forward.cuh for sequences of any length, by two kernels that both
// compute the probabilities anew: one whose warps own 16 queries, one whose warps own 16 keys. With
// p = exp(q·k·scale − logSumExp), D = ⟨dOut, out⟩ and ds = p·(dOut·v − D):
// dQ = scale·Σ ds·k, dK = scale·Σ ds·q, dV = Σ p·dOut.
#pragma once
#include "attention_forward.cuh"

#if MNEME_BF16
// D of each (sample, head, position) [B, H, T].
template <int DIM>
__device__ __forceinline__ void attentionProducts(
    const bf16* dOut, const bf16* out, int sequence, int headCount, long long count,
    float* products) {
  long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (i >= count) return;
  long long strip = i / sequence;
  long long row = strip / headCount * sequence + i % sequence;
  long long from = (row * headCount + strip % headCount) * DIM;
  float sum = 0;
#pragma unroll
  for (int d = 0; d < DIM; d += 8) {
    float a[8];
    float b[8];
    load(dOut + from + d, a);
    load(out + from + d, b);
#pragma unroll
    for (int j = 0; j < 8; j++) sum = fmaf(a[j], b[j], sum);
  }
  products[i] = sum;
}

// ds of 16 queries (rows) and 16 keys (columns), from the shifts −logSumExp·log2e and the D of rows
// g and g+8.
template <int DIM>
__device__ __forceinline__ void scoreGradients(
    uint (&ds)[4], const uint (&q)[DIM / 16][4], const uint (&dOut)[DIM / 16][4],
    const bf16* keys, const bf16* values, int row, bool diagonal, float scale2,
    const float (&shift)[2], const float (&product)[2]) {
  float s[2][4];
  float dp[2][4];
  clear(s);
  clear(dp);
#pragma unroll
  for (int k = 0; k < DIM / 16; k++) {
    uint b[2][2];
    Tile<DIM>::rowsB(b, keys, row, k);
    mma16816(s[0], q[k], b[0]);
    mma16816(s[1], q[k], b[1]);
    Tile<DIM>::rowsB(b, values, row, k);
    mma16816(dp[0], dOut[k], b[0]);
    mma16816(dp[1], dOut[k], b[1]);
  }
#pragma unroll
  for (int n = 0; n < 2; n++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      int h = i >> 1;
      float p = exp2Fast(fmaf(s[n][i], scale2, shift[h]));
      bool behind = 8 * n + 2 * (lane() & 3) + (i & 1) > (lane() >> 2) + 8 * h;
      s[n][i] = diagonal && behind ? 0.f : p * (dp[n][i] - product[h]);
    }
  }
  sumsA(ds, s[0], s[1]);
}

// Grid and blocks as in attentionForward.
template <int DIM>
__device__ __forceinline__ void attentionBackwardQueries(
    const bf16* dOut, const bf16* qkv, const float* logSumExp, const float* products, int sequence,
    int headCount, int keyHeads, float scale, bf16* dQkv) {
  constexpr int ROWS = CHUNK<DIM>;
  __shared__ alignas(128) bf16 keys[2][ROWS * DIM];
  __shared__ alignas(128) bf16 values[2][ROWS * DIM];
  Heads heads{sequence, headCount, keyHeads, DIM};
  QueryStrip strip(heads, blockDim.x >> 5);
  long long stride = heads.columns();
  const bf16* key = qkv + heads.key(strip.sample, strip.keyHead);
  const bf16* value = qkv + heads.value(strip.sample, strip.keyHead);

  auto fetch = [&](int from) {
    int buffer = from / ROWS & 1;
    int rows = min(ROWS, strip.keys - from);
    if (rows > 0) {
      Tile<DIM>::copy(keys[buffer], key + from * stride, stride, rows, sequence - from);
      Tile<DIM>::copy(values[buffer], value + from * stride, stride, rows, sequence - from);
    }
    copyAsyncCommit();
  };

  fetch(0);
  int valid = strip.exists ? sequence - strip.row : 0;
  long long query = heads.query(strip.sample, strip.head) + strip.row * stride;
  long long output = heads.output(strip.sample, strip.head) + strip.row * heads.outputColumns();
  uint q[DIM / 16][4];
  uint d[DIM / 16][4];
  globalA<DIM>(q, qkv + query, stride, valid);
  globalA<DIM>(d, dOut + output, heads.outputColumns(), valid);
  float shift[2];
  float product[2];
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int row = (lane() >> 2) + 8 * h;
    long long at = heads.statistic(strip.sample, strip.head) + strip.row + row;
    shift[h] = row < valid ? -logSumExp[at] * MNEME_LOG2E : -MNEME_INFINITY;
    product[h] = row < valid ? products[at] : 0.f;
  }
  float sums[DIM / 8][4];
  clear(sums);
  float scale2 = scale * MNEME_LOG2E;
  for (int from = 0; from < strip.keys; from += ROWS) {
    fetch(from + ROWS);
    copyAsyncWait<1>();
    __syncthreads();
    const bf16* k = keys[from / ROWS & 1];
    const bf16* v = values[from / ROWS & 1];
    int diagonal = strip.exists ? strip.row - from : -1;
    int end = min(ROWS, diagonal + 16);
#pragma unroll(DIM > 64 ? 1 : 2)
    for (int row = 0; row < end; row += 16) {
      uint ds[4];
      scoreGradients<DIM>(ds, q, d, k, v, row, row == diagonal, scale2, shift, product);
#pragma unroll
      for (int n = 0; n < DIM / 16; n++) {
        uint b[2][2];
        Tile<DIM>::columnsB(b, k, row, n);
        mma16816(sums[2 * n], ds, b[0]);
        mma16816(sums[2 * n + 1], ds, b[1]);
      }
    }
    __syncthreads();
  }
  storeRows<DIM>(sums, scale, scale, dQkv + query, stride, valid);
}

// A warp owns 16 keys; all warps of a block share the queries and output gradients of one head
// after the other. Grid [B·Hkv, ceil(T / (16·warps))].
template <int DIM>
__device__ __forceinline__ void attentionBackwardKeys(
    const bf16* dOut, const bf16* qkv, const float* logSumExp, const float* products, int sequence,
    int headCount, int keyHeads, float scale, bf16* dQkv) {
  constexpr int ROWS = CHUNK<DIM>;
  __shared__ alignas(128) bf16 queries[2][ROWS * DIM];
  __shared__ alignas(128) bf16 gradients[2][ROWS * DIM];
  __shared__ alignas(16) float shifts[2][ROWS];
  __shared__ alignas(16) float means[2][ROWS];
  Heads heads{sequence, headCount, keyHeads, DIM};
  int sample = blockIdx.x / keyHeads;
  int keyHead = blockIdx.x % keyHeads;
  int firstKey = blockIdx.y * (blockDim.x >> 1);
  int row = firstKey + 16 * warp();
  int valid = sequence - row;
  long long stride = heads.columns();
  int chunks = (sequence - firstKey + ROWS - 1) / ROWS;
  int steps = heads.group() * chunks;

  auto fetch = [&](int step) {
    if (step < steps) {
      int buffer = step & 1;
      int head = keyHead * heads.group() + step / chunks;
      int from = firstKey + step % chunks * ROWS;
      int rows = min(ROWS, (sequence - from + 15) & ~15);
      const bf16* query = qkv + heads.query(sample, head) + from * stride;
      const bf16* gradient = dOut + heads.output(sample, head) + from * heads.outputColumns();
      Tile<DIM>::copy(queries[buffer], query, stride, rows, sequence - from);
      Tile<DIM>::copy(gradients[buffer], gradient, heads.outputColumns(), rows, sequence - from);
      long long at = heads.statistic(sample, head) + from;
      for (int i = threadIdx.x; i < rows; i += blockDim.x) {
        bool exists = from + i < sequence;
        shifts[buffer][i] = exists ? -logSumExp[at + i] * MNEME_LOG2E : -MNEME_INFINITY;
        means[buffer][i] = exists ? products[at + i] : 0.f;
      }
    }
    copyAsyncCommit();
  };

  fetch(0);
  uint k[DIM / 16][4];
  uint v[DIM / 16][4];
  long long key = heads.key(sample, keyHead) + row * stride;
  long long value = heads.value(sample, keyHead) + row * stride;
  globalA<DIM>(k, qkv + key, stride, valid);
  globalA<DIM>(v, qkv + value, stride, valid);
  float dK[DIM / 8][4];
  float dV[DIM / 8][4];
  clear(dK);
  clear(dV);
  float scale2 = scale * MNEME_LOG2E;
  for (int step = 0; step < steps; step++) {
    fetch(step + 1);
    copyAsyncWait<1>();
    __syncthreads();
    int buffer = step & 1;
    const bf16* q = queries[buffer];
    const bf16* d = gradients[buffer];
    int from = firstKey + step % chunks * ROWS;
    int diagonal = row - from;
    int end = valid > 0 ? min(ROWS, (sequence - from + 15) & ~15) : 0;
#pragma unroll(DIM > 64 ? 1 : 2)
    for (int at = max(diagonal, 0); at < end; at += 16) {
      float s[2][4];
      float dp[2][4];
      clear(s);
      clear(dp);
#pragma unroll
      for (int i = 0; i < DIM / 16; i++) {
        uint b[2][2];
        Tile<DIM>::rowsB(b, q, at, i);
        mma16816(s[0], k[i], b[0]);
        mma16816(s[1], k[i], b[1]);
        Tile<DIM>::rowsB(b, d, at, i);
        mma16816(dp[0], v[i], b[0]);
        mma16816(dp[1], v[i], b[1]);
      }
#pragma unroll
      for (int n = 0; n < 2; n++) {
        int column = at + 8 * n + 2 * (lane() & 3);
        float2 shift = *reinterpret_cast<const float2*>(&shifts[buffer][column]);
        float2 mean = *reinterpret_cast<const float2*>(&means[buffer][column]);
#pragma unroll
        for (int i = 0; i < 4; i++) {
          float p = exp2Fast(fmaf(s[n][i], scale2, i & 1 ? shift.y : shift.x));
          bool before = 8 * n + 2 * (lane() & 3) + (i & 1) < (lane() >> 2) + 8 * (i >> 1);
          s[n][i] = at == diagonal && before ? 0.f : p;
          dp[n][i] = s[n][i] * (dp[n][i] - (i & 1 ? mean.y : mean.x));
        }
      }
      uint p[4];
      uint ds[4];
      sumsA(p, s[0], s[1]);
      sumsA(ds, dp[0], dp[1]);
#pragma unroll
      for (int n = 0; n < DIM / 16; n++) {
        uint b[2][2];
        Tile<DIM>::columnsB(b, d, at, n);
        mma16816(dV[2 * n], p, b[0]);
        mma16816(dV[2 * n + 1], p, b[1]);
        Tile<DIM>::columnsB(b, q, at, n);
        mma16816(dK[2 * n], ds, b[0]);
        mma16816(dK[2 * n + 1], ds, b[1]);
      }
    }
    __syncthreads();
  }
  storeRows<DIM>(dK, scale, scale, dQkv + key, stride, valid);
  storeRows<DIM>(dV, 1.f, 1.f, dQkv + value, stride, valid);
}
#endif
