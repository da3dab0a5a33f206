// SPDX-License-Identifier: Apache-2.0
// Causal attention of bf16 heads whose width is a multiple of 16, by tensor cores (after Dao 2023):
// a warp owns 16 queries of one head; scores stay in registers; the eight warps of a block share the
// keys and values of one key head in shared memory, also between the query heads of its group.
#pragma once
#include "attention.cuh"

#if MNEME_BF16
// Strips of 16 queries of one (sample, key head), the heads of the group side by side.
struct QueryStrip {
  int sample;
  int keyHead;
  int head;
  int row;        // first query
  bool exists;
  int keys;       // that the block needs, all of them below the sequence length rounded up to 16

  // Grid [B·Hkv, ceil(strips·group / warps)], the longest strips first.
  __device__ QueryStrip(const Heads& heads, int warps) {
    int group = heads.group();
    sample = blockIdx.x / heads.keyHeads;
    keyHead = blockIdx.x % heads.keyHeads;
    int strips = (heads.sequence + 15) / 16 * group;
    int first = (gridDim.y - 1 - blockIdx.y) * warps;
    int strip = first + warp();
    exists = strip < strips;
    head = keyHead * group + strip % group;
    row = strip / group * 16;
    keys = (min(first + warps, strips) - 1) / group * 16 + 16;
  }
};

// Keys of a chunk in shared memory: 16 KiB of keys and values.
template <int DIM>
constexpr int CHUNK = 4096 / DIM;

// Running softmax of rows g and g+8, in units of unscaled scores; sums are of this lane's columns.
struct Softmax {
  float max[2];
  float sum[2];

  __device__ Softmax() : max{-MNEME_INFINITY, -MNEME_INFINITY}, sum{0.f, 0.f} {}
};

// Takes KEYS keys from tile row first on into the sums; where MASKED, those behind the diagonal are
// left out: diagonal is the tile row of the strip's first query.
template <int DIM, int KEYS, bool MASKED>
__device__ __forceinline__ void attend(
    const uint (&q)[DIM / 16][4], const bf16* keys, const bf16* values, int first, int diagonal,
    float scale2, Softmax& softmax, float (&sums)[DIM / 8][4]) {
  float s[KEYS / 8][4];
  clear(s);
#pragma unroll
  for (int j = 0; j < KEYS / 16; j++) {
    if (!MASKED || first + 16 * j <= diagonal) {
#pragma unroll
      for (int k = 0; k < DIM / 16; k++) {
        uint b[2][2];
        Tile<DIM>::rowsB(b, keys, first + 16 * j, k);
        mma16816(s[2 * j], q[k], b[0]);
        mma16816(s[2 * j + 1], q[k], b[1]);
      }
    }
  }
  if (MASKED) {
    int column = first + 2 * (lane() & 3);
    int row = diagonal + (lane() >> 2);
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (column + 8 * n + (i & 1) > row + (i >> 1) * 8) s[n][i] = -MNEME_INFINITY;
      }
    }
  }
  float shift[2];
#pragma unroll
  for (int h = 0; h < 2; h++) {
    float best = fmaxf(s[0][2 * h], s[0][2 * h + 1]);
#pragma unroll
    for (int n = 1; n < KEYS / 8; n++) best = fmaxf(best, fmaxf(s[n][2 * h], s[n][2 * h + 1]));
    best = fmaxf(best, __shfl_xor_sync(0xffffffffu, best, 1));
    best = fmaxf(best, __shfl_xor_sync(0xffffffffu, best, 2));
    best = fmaxf(best, softmax.max[h]);
    float keep = exp2Fast((softmax.max[h] - best) * scale2);
    softmax.max[h] = best;
    softmax.sum[h] *= keep;
    shift[h] = -best * scale2;
#pragma unroll
    for (int n = 0; n < DIM / 8; n++) sums[n][2 * h] *= keep, sums[n][2 * h + 1] *= keep;
  }
#pragma unroll
  for (int j = 0; j < KEYS / 16; j++) {
    if (!MASKED || first + 16 * j <= diagonal) {
#pragma unroll
      for (int n = 2 * j; n < 2 * j + 2; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          s[n][i] = exp2Fast(fmaf(s[n][i], scale2, shift[i >> 1]));
          softmax.sum[i >> 1] += s[n][i];
        }
      }
      uint p[4];
      sumsA(p, s[2 * j], s[2 * j + 1]);
#pragma unroll
      for (int n = 0; n < DIM / 16; n++) {
        uint b[2][2];
        Tile<DIM>::columnsB(b, values, first + 16 * j, n);
        mma16816(sums[2 * n], p, b[0]);
        mma16816(sums[2 * n + 1], p, b[1]);
      }
    }
  }
}

// out = softmax(q·k·scale)·v and the log-sum-exp of the scaled scores.
template <int DIM>
__device__ __forceinline__ void attentionForward(
    const bf16* qkv, int sequence, int headCount, int keyHeads, float scale, bf16* out,
    float* logSumExp) {
  constexpr int ROWS = CHUNK<DIM>;
  constexpr int STEP = ROWS < 64 ? ROWS : 64;
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
  uint q[DIM / 16][4];
  int valid = strip.exists ? sequence - strip.row : 0;
  globalA<DIM>(q, qkv + heads.query(strip.sample, strip.head) + strip.row * stride, stride, valid);
  float sums[DIM / 8][4];
  clear(sums);
  Softmax softmax;
  float scale2 = scale * MNEME_LOG2E;
  for (int from = 0; from < strip.keys; from += ROWS) {
    fetch(from + ROWS);
    copyAsyncWait<1>();
    __syncthreads();
    const bf16* k = keys[from / ROWS & 1];
    const bf16* v = values[from / ROWS & 1];
    int diagonal = strip.row - from;
    int first = 0;
    if (strip.exists) {
      for (; first < ROWS && first + STEP <= diagonal + 1; first += STEP) {
        attend<DIM, STEP, false>(q, k, v, first, diagonal, scale2, softmax, sums);
      }
      if (first < ROWS && first <= diagonal) {
        attend<DIM, STEP, true>(q, k, v, first, diagonal, scale2, softmax, sums);
      }
    }
    __syncthreads();
  }

#pragma unroll
  for (int h = 0; h < 2; h++) {
    softmax.sum[h] += __shfl_xor_sync(0xffffffffu, softmax.sum[h], 1);
    softmax.sum[h] += __shfl_xor_sync(0xffffffffu, softmax.sum[h], 2);
    int row = (lane() >> 2) + 8 * h;
    if ((lane() & 3) == 0 && row < valid) {
      logSumExp[heads.statistic(strip.sample, strip.head) + strip.row + row] =
          fmaf(softmax.max[h], scale, logf(softmax.sum[h]));
    }
  }
  bf16* to = out + heads.output(strip.sample, strip.head) + strip.row * heads.outputColumns();
  storeRows<DIM>(sums, 1.f / softmax.sum[0], 1.f / softmax.sum[1], to, heads.outputColumns(), valid);
}
#endif
