// SPDX-License-Identifier: Apache-2.0
// The gradient of attention_forward.cuh for sequences of any length, by two kernels that both
// compute the probabilities anew: one whose warps own 16 queries, then one whose warps own keys.
// With p = exp(q·k·scale − logSumExp), D = ⟨dOut, out⟩ and ds = p·(dOut·v − D):
// dQ = scale·Σ ds·k, dK = scale·Σ ds·q, dV = Σ p·dOut.
#pragma once
#include "attention_forward.cuh"

#if MNEME_BF16
// What the first kernel leaves to the second for each (sample, head, position), the positions
// rounded up to 16: the shift −logSumExp·log2e, −∞ where there is no query; and −D, for each two
// positions twice, as the sums of dOut·v begin.
struct Shifts {
  float* shifts;
  float* means;
  int length;

  __device__ Shifts(float* shifts, float* means, int sequence)
      : shifts(shifts), means(means), length((sequence + 15) & ~15) {}
  __device__ long long at(const Heads& heads, int sample, int head, int position) const {
    return ((long long)sample * heads.heads + head) * length + position;
  }
};

// The queries of a warp: operands and, of rows g and g+8, the shifts and where dOut·v begins.
template <int DIM>
struct Queries {
  uint q[DIM / 16][4];
  uint dOut[DIM / 16][4];
  float shift[2];
  float begin[4];
};

// Adds the part of 16 keys, from tile row first on, to the gradient of the queries.
template <int DIM, bool DIAGONAL>
__device__ __forceinline__ void queryGradient(
    const Queries<DIM>& own, const bf16* keys, const bf16* values, int first, float scale2,
    float (&sums)[DIM / 8][4]) {
  float s[2][4];
  float dp[2][4];
  clear(s);
#pragma unroll
  for (int k = 0; k < DIM / 16; k++) {
    uint b[2][2];
    Tile<DIM>::rowsB(b, keys, first, k);
    mma16816(s[0], own.q[k], b[0]);
    mma16816(s[1], own.q[k], b[1]);
    Tile<DIM>::rowsB(b, values, first, k);
#pragma unroll
    for (int n = 0; n < 2; n++) {
      if (k == 0) {
        mma16816(dp[n], own.dOut[k], b[n], own.begin);
      } else {
        mma16816(dp[n], own.dOut[k], b[n]);
      }
    }
  }
#pragma unroll
  for (int n = 0; n < 2; n++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      float p = exp2Fast(fmaf(s[n][i], scale2, own.shift[i >> 1]));
      bool behind = 8 * n + 2 * (lane() & 3) + (i & 1) > (lane() >> 2) + 8 * (i >> 1);
      s[n][i] = DIAGONAL && behind ? 0.f : p * dp[n][i];
    }
  }
  uint ds[4];
  sumsA(ds, s[0], s[1]);
#pragma unroll
  for (int n = 0; n < DIM / 16; n++) {
    uint b[2][2];
    Tile<DIM>::columnsB(b, keys, first, n);
    mma16816(sums[2 * n], ds, b[0]);
    mma16816(sums[2 * n + 1], ds, b[1]);
  }
}

// Grid and blocks as in attentionForward.
template <int DIM>
__device__ __forceinline__ void attentionBackwardQueries(
    const bf16* dOut, const bf16* qkv, const bf16* out, const float* logSumExp, int sequence,
    int headCount, int keyHeads, float scale, float* shifts, float* means, bf16* dQkv) {
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
  Queries<DIM> own;
  float products[2];
  globalA<DIM>(own.q, out + output, heads.outputColumns(), valid);
  globalA<DIM>(own.dOut, dOut + output, heads.outputColumns(), valid);
  rowProducts<DIM>(own.q, own.dOut, products);
  globalA<DIM>(own.q, qkv + query, stride, valid);
  Shifts left(shifts, means, sequence);
#pragma unroll
  for (int h = 0; h < 2; h++) {
    int row = (lane() >> 2) + 8 * h;
    long long sum = heads.statistic(strip.sample, strip.head) + strip.row + row;
    own.shift[h] = row < valid ? -logSumExp[sum] * MNEME_LOG2E : -MNEME_INFINITY;
    own.begin[2 * h] = own.begin[2 * h + 1] = -products[h];
    if (strip.exists && (lane() & 3) == 0) {
      long long at = left.at(heads, strip.sample, strip.head, strip.row + row);
      left.shifts[at] = own.shift[h];
      float* pair = left.means + 2 * (at & ~1ll) + (at & 1);
      pair[0] = pair[2] = -products[h];
    }
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
    int end = min(ROWS, diagonal);
#pragma unroll(DIM > 64 ? 1 : 2)
    for (int first = 0; first < end; first += 16) {
      queryGradient<DIM, false>(own, k, v, first, scale2, sums);
    }
    if (diagonal >= 0 && diagonal < ROWS) {
      queryGradient<DIM, true>(own, k, v, diagonal, scale2, sums);
    }
    __syncthreads();
  }
  storeRows<DIM>(sums, scale, scale, dQkv + query, stride, valid);
}

// The keys of a warp: STRIPS times 16.
template <int DIM, int STRIPS>
struct Keys {
  uint k[STRIPS][DIM / 16][4];
  uint v[STRIPS][DIM / 16][4];
  float dK[STRIPS][DIM / 8][4];
  float dV[STRIPS][DIM / 8][4];
};

// Adds the part of 16 queries, from tile row first on, to the gradients of the keys; where MASKED,
// of those keys only that do not lie behind: diagonal is the tile row of the first key. Also gives
// the ds of each strip of keys (rows) by these queries (columns).
template <int DIM, int STRIPS, bool MASKED>
__device__ __forceinline__ void keyGradient(
    Keys<DIM, STRIPS>& own, const bf16* queries, const bf16* gradients, const float* shifts,
    const float* means, int first, int diagonal, float scale2, uint (&ds)[STRIPS][4]) {
  float s[STRIPS][2][4];
  float dp[STRIPS][2][4];
  uint p[STRIPS][4];
  float begin[2][4];
#pragma unroll
  for (int n = 0; n < 2; n++) load(means + 2 * (first + 8 * n) + 4 * (lane() & 3), begin[n]);
#pragma unroll
  for (int j = 0; j < STRIPS; j++) clear(s[j]);
#pragma unroll
  for (int k = 0; k < DIM / 16; k++) {
    uint q[2][2];
    uint d[2][2];
    Tile<DIM>::rowsB(q, queries, first, k);
    Tile<DIM>::rowsB(d, gradients, first, k);
#pragma unroll
    for (int j = 0; j < STRIPS; j++) {
#pragma unroll
      for (int n = 0; n < 2; n++) {
        mma16816(s[j][n], own.k[j][k], q[n]);
        if (k == 0) {
          mma16816(dp[j][n], own.v[j][k], d[n], begin[n]);
        } else {
          mma16816(dp[j][n], own.v[j][k], d[n]);
        }
      }
    }
  }
#pragma unroll
  for (int n = 0; n < 2; n++) {
    int column = first + 8 * n + 2 * (lane() & 3);
    float2 shift = *reinterpret_cast<const float2*>(shifts + column);
#pragma unroll
    for (int j = 0; j < STRIPS; j++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float e = exp2Fast(fmaf(s[j][n][i], scale2, i & 1 ? shift.y : shift.x));
        int key = diagonal + 16 * j + (lane() >> 2) + 8 * (i >> 1);
        s[j][n][i] = MASKED && column + (i & 1) < key ? 0.f : e;
        dp[j][n][i] *= s[j][n][i];
      }
    }
  }
#pragma unroll
  for (int j = 0; j < STRIPS; j++) {
    sumsA(p[j], s[j][0], s[j][1]);
    sumsA(ds[j], dp[j][0], dp[j][1]);
  }
#pragma unroll
  for (int n = 0; n < DIM / 16; n++) {
    uint q[2][2];
    uint d[2][2];
    Tile<DIM>::columnsB(q, queries, first, n);
    Tile<DIM>::columnsB(d, gradients, first, n);
#pragma unroll
    for (int j = 0; j < STRIPS; j++) {
#pragma unroll
      for (int i = 0; i < 2; i++) {
        mma16816(own.dV[j][2 * n + i], p[j], d[i]);
        mma16816(own.dK[j][2 * n + i], ds[j], q[i]);
      }
    }
  }
}

// A warp owns STRIPS times 16 keys; all warps of a block share the queries and output gradients of
// one head after the other. Grid [B·Hkv, ceil(T / keys of a block)].
template <int DIM, int STRIPS>
__device__ __forceinline__ void attentionBackwardKeys(
    const bf16* dOut, const bf16* qkv, const float* shifts, const float* means, int sequence,
    int headCount, int keyHeads, float scale, bf16* dQkv) {
  constexpr int ROWS = CHUNK<DIM>;
  __shared__ alignas(128) bf16 queries[2][ROWS * DIM];
  __shared__ alignas(128) bf16 gradients[2][ROWS * DIM];
  __shared__ alignas(128) float queryShifts[2][ROWS];
  __shared__ alignas(128) float queryMeans[2][2 * ROWS];
  Heads heads{sequence, headCount, keyHeads, DIM};
  Shifts right(const_cast<float*>(shifts), const_cast<float*>(means), sequence);
  int sample = blockIdx.x / keyHeads;
  int keyHead = blockIdx.x % keyHeads;
  int firstKey = blockIdx.y * (blockDim.x >> 5) * 16 * STRIPS;
  int row = firstKey + 16 * STRIPS * warp();
  long long stride = heads.columns();
  int chunks = (sequence - firstKey + ROWS - 1) / ROWS;
  int steps = heads.group() * chunks;

  auto fetch = [&](int step) {
    if (step < steps) {
      int buffer = step & 1;
      int head = keyHead * heads.group() + step / chunks;
      int from = firstKey + step % chunks * ROWS;
      int rows = min(ROWS, right.length - from);
      const bf16* query = qkv + heads.query(sample, head) + from * stride;
      const bf16* gradient = dOut + heads.output(sample, head) + from * heads.outputColumns();
      Tile<DIM>::copy(queries[buffer], query, stride, rows, sequence - from);
      Tile<DIM>::copy(gradients[buffer], gradient, heads.outputColumns(), rows, sequence - from);
      long long at = right.at(heads, sample, head, from);
      for (int i = 4 * threadIdx.x; i < 3 * rows; i += 4 * blockDim.x) {
        if (i < rows) {
          copyAsync16(queryShifts[buffer] + i, right.shifts + at + i);
        } else {
          copyAsync16(queryMeans[buffer] + i - rows, right.means + 2 * at + i - rows);
        }
      }
    }
    copyAsyncCommit();
  };

  fetch(0);
  Keys<DIM, STRIPS> own;
  long long key = heads.key(sample, keyHead) + row * stride;
  long long value = heads.value(sample, keyHead) + row * stride;
#pragma unroll
  for (int j = 0; j < STRIPS; j++) {
    globalA<DIM>(own.k[j], qkv + key + 16 * j * stride, stride, sequence - row - 16 * j);
    globalA<DIM>(own.v[j], qkv + value + 16 * j * stride, stride, sequence - row - 16 * j);
    clear(own.dK[j]);
    clear(own.dV[j]);
  }
  float scale2 = scale * MNEME_LOG2E;
  for (int step = 0; step < steps; step++) {
    fetch(step + 1);
    copyAsyncWait<1>();
    __syncthreads();
    const bf16* q = queries[step & 1];
    const bf16* d = gradients[step & 1];
    const float* s = queryShifts[step & 1];
    const float* m = queryMeans[step & 1];
    int from = firstKey + step % chunks * ROWS;
    int diagonal = row - from;
    int end = min(ROWS, right.length - from);
    int first = max(diagonal, 0);
    uint ds[STRIPS][4];
    for (; first < min(end, diagonal + 16 * STRIPS); first += 16) {
      keyGradient<DIM, STRIPS, true>(own, q, d, s, m, first, diagonal, scale2, ds);
    }
    for (; first < end; first += 16) {
      keyGradient<DIM, STRIPS, false>(own, q, d, s, m, first, diagonal, scale2, ds);
    }
    __syncthreads();
  }
#pragma unroll
  for (int j = 0; j < STRIPS; j++) {
    int valid = sequence - row - 16 * j;
    long long rows = 16 * j * stride;
    storeRows<DIM>(own.dK[j], scale, scale, dQkv + key + rows, stride, valid);
    storeRows<DIM>(own.dV[j], 1.f, 1.f, dQkv + value + rows, stride, valid);
  }
}
#endif
