// SPDX-License-Identifier: Apache-2.0
// Where heads lie in packed rows, and bf16 tiles in shared memory as operands of the tensor cores.
#pragma once
#include "mma.cuh"

#define MNEME_LOG2E 1.44269504088896341f

// Extents of packed rows [B·T, (H + 2·Hkv)·headDim] = [queries | keys | values].
struct Heads {
  int sequence;
  int heads;
  int keyHeads;
  int dim;

  __device__ int group() const { return heads / keyHeads; }
  __device__ long long columns() const { return (long long)(heads + 2 * keyHeads) * dim; }
  __device__ long long outputColumns() const { return (long long)heads * dim; }
  // Element offsets of the first position of a sample.
  __device__ long long query(int sample, int head) const {
    return sample * (long long)sequence * columns() + (long long)head * dim;
  }
  __device__ long long key(int sample, int keyHead) const { return query(sample, heads + keyHead); }
  __device__ long long value(int sample, int keyHead) const {
    return query(sample, heads + keyHeads + keyHead);
  }
  __device__ long long output(int sample, int head) const {
    return sample * (long long)sequence * outputColumns() + (long long)head * dim;
  }
  // Of the statistics [B, H, T].
  __device__ long long statistic(int sample, int head) const {
    return ((long long)sample * heads + head) * sequence;
  }
};

#if MNEME_BF16
// d = a·b + c, as mma16816.
__device__ __forceinline__ void mma16816(
    float (&d)[4], const uint (&a)[4], const uint (&b)[2], const float (&c)[4]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%10,%11,%12,%13};"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]),
        "f"(c[2]), "f"(c[3]));
}

// A tile of rows of DIM elements in shared memory. Its 16-byte chunks are permuted within 128-byte
// lines, so that eight rows at one column lie in different banks; the permutation repeats every
// eight rows. Operands begin at rows that are multiples of 8, so that what depends on the lane is
// the same for all of them and is computed once.
template <int DIM>
struct Tile {
  static constexpr int CHUNKS = DIM / 8;
  static constexpr int LINE_ROWS = CHUNKS < 8 ? 8 / CHUNKS : 1;
  static constexpr int TURNS = CHUNKS < 8 ? CHUNKS : 8;

  static __device__ __forceinline__ int at(int row, int chunk) {
    int turn = (uint)row / LINE_ROWS % TURNS;
    return row * DIM + ((chunk ^ turn) << 3);
  }

  // Begins to copy rows 0 … rows−1; those from valid on become zeros.
  static __device__ __forceinline__ void copy(
      bf16* tile, const bf16* from, long long stride, int rows, int valid) {
    for (int i = threadIdx.x; i < rows * CHUNKS; i += blockDim.x) {
      int row = i / CHUNKS;
      int chunk = i % CHUNKS;
      bool exists = row < valid;
      const bf16* source = exists ? from + row * stride + chunk * 8 : from;
      copyAsync16(tile + at(row, chunk), source, exists);
    }
  }

  // Two b operands whose column n is row row+n of the tile (n < 8, then n ≥ 8), columns 16·k ….
  static __device__ __forceinline__ void rowsB(uint (&b)[2][2], const bf16* tile, int row, int k) {
    int i = lane();
    uint r[4];
    ldmatrix4(r, tile + row * DIM + at((i & 7) + (i >> 4) * 8, 2 * k + (i >> 3 & 1)));
    b[0][0] = r[0], b[0][1] = r[1], b[1][0] = r[2], b[1][1] = r[3];
  }

  // Two b operands whose row k is row row+k of the tile, columns 16·n …+7 and 16·n+8 ….
  static __device__ __forceinline__ void columnsB(
      uint (&b)[2][2], const bf16* tile, int row, int n) {
    int i = lane();
    uint r[4];
    ldmatrix4Transposed(r, tile + row * DIM + at(i & 15, 2 * n + (i >> 4)));
    b[0][0] = r[0], b[0][1] = r[1], b[1][0] = r[2], b[1][1] = r[3];
  }
};

// The a operand of 16 rows in global memory, of which rows below valid exist; the rest is zeros.
template <int DIM>
__device__ __forceinline__ void globalA(
    uint (&a)[DIM / 16][4], const bf16* from, long long stride, int valid) {
  int g = lane() >> 2;
  int t = lane() & 3;
  const bf16* low = from + g * stride + 2 * t;
  const bf16* high = low + 8 * stride;
#pragma unroll
  for (int k = 0; k < DIM / 16; k++) {
    a[k][0] = g < valid ? *reinterpret_cast<const uint*>(low + 16 * k) : 0;
    a[k][1] = g + 8 < valid ? *reinterpret_cast<const uint*>(high + 16 * k) : 0;
    a[k][2] = g < valid ? *reinterpret_cast<const uint*>(low + 16 * k + 8) : 0;
    a[k][3] = g + 8 < valid ? *reinterpret_cast<const uint*>(high + 16 * k + 8) : 0;
  }
}

// The products of two a operands by row: of rows g and g+8.
template <int DIM>
__device__ __forceinline__ void rowProducts(
    const uint (&a)[DIM / 16][4], const uint (&b)[DIM / 16][4], float (&sums)[2]) {
#pragma unroll
  for (int h = 0; h < 2; h++) {
    float sum = 0.f;
#pragma unroll
    for (int k = 0; k < DIM / 16; k++) {
      sum = fmaf(lowBf16(a[k][h]), lowBf16(b[k][h]), sum);
      sum = fmaf(highBf16(a[k][h]), highBf16(b[k][h]), sum);
      sum = fmaf(lowBf16(a[k][h + 2]), lowBf16(b[k][h + 2]), sum);
      sum = fmaf(highBf16(a[k][h + 2]), highBf16(b[k][h + 2]), sum);
    }
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sums[h] = sum + __shfl_xor_sync(0xffffffffu, sum, 2);
  }
}

// The transpose of an a operand, by that of each of its four 8×8 matrices.
__device__ __forceinline__ uint transposed(uint x) {
  uint r;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(r) : "r"(x));
  return r;
}
__device__ __forceinline__ void transposeA(uint (&to)[4], const uint (&a)[4]) {
  to[0] = transposed(a[0]);
  to[1] = transposed(a[2]);
  to[2] = transposed(a[1]);
  to[3] = transposed(a[3]);
}

// Writes 16 rows of sums, times the factors of rows g and g+8, to global memory.
template <int DIM>
__device__ __forceinline__ void storeRows(
    const float (&c)[DIM / 8][4], float low, float high, bf16* to, long long stride, int valid) {
  int g = lane() >> 2;
  int t = lane() & 3;
  bf16* row = to + g * stride + 2 * t;
#pragma unroll
  for (int n = 0; n < DIM / 8; n++) {
    if (g < valid) {
      *reinterpret_cast<uint*>(row + 8 * n) = packBf16(c[n][0] * low, c[n][1] * low);
    }
    if (g + 8 < valid) {
      *reinterpret_cast<uint*>(row + 8 * stride + 8 * n) =
          packBf16(c[n][2] * high, c[n][3] * high);
    }
  }
}

// Two neighbouring [16, 8] sums as the a operand of the next product.
__device__ __forceinline__ void sumsA(uint (&a)[4], const float (&left)[4],
                                      const float (&right)[4]) {
  a[0] = packBf16(left[0], left[1]);
  a[1] = packBf16(left[2], left[3]);
  a[2] = packBf16(right[0], right[1]);
  a[3] = packBf16(right[2], right[3]);
}

template <int N>
__device__ __forceinline__ void clear(float (&c)[N][4]) {
#pragma unroll
  for (int n = 0; n < N; n++) c[n][0] = c[n][1] = c[n][2] = c[n][3] = 0.f;
}
#endif
