// SPDX-License-Identifier: Apache-2.0
// Causal attention of bf16 heads of width 16 whose keys and values all fit in shared memory. A block
// keeps the keys and values of a key head of a sample; its warps take units of 16 queries of two
// query heads, which share the operands of keys and values. As keys stay, nothing depends on a
// running maximum: where the lengths of queries and keys show that no exponential overflows, scores
// are taken as they are, else less their greatest, which a pass over the keys finds before.
#include "attention.cuh"

#if MNEME_BF16
constexpr int DIM = 16;
constexpr int HEADS = 2;
using KeyTile = Tile<DIM>;

// Exponents of 2 up to this need no shift: sums of 2^60 stay far from the end of f32, 2^-60 from 0.
constexpr float LARGEST = 60.f;

// The units of a warp: 16 queries of a part of the heads of a group. Heavy units come first, and
// the order turns round in every round, so that all warps have equal work.
struct Units {
  int strips;
  int parts;
  int warps;
  int me;
  int round = 0;

  __device__ explicit Units(const Heads& heads)
      : strips((heads.sequence + 15) / 16), parts((heads.group() + HEADS - 1) / HEADS),
        warps((blockDim.x >> 5) * gridDim.y), me(blockIdx.y * (blockDim.x >> 5) + warp()) {}
  __device__ int at() const { return round * warps + (round & 1 ? warps - 1 - me : me); }
  __device__ bool exists() const { return at() < strips * parts; }
  __device__ int row() const { return (strips - 1 - at() / parts) * 16; }
  __device__ int head() const { return at() % parts * HEADS; }
};

// The a operands of 16 queries of each head.
using Operands = uint[HEADS][1][4];

// Zeros where there is no such unit, head or position. Query is the first one of the group.
__device__ __forceinline__ void fetchQueries(
    Operands& q, const bf16* query, const Units& units, const Heads& heads) {
  long long stride = heads.columns();
#pragma unroll
  for (int h = 0; h < HEADS; h++) {
    int head = units.head() + h;
    int valid = units.exists() && head < heads.group() ? heads.sequence - units.row() : 0;
    globalA<DIM>(q[h], query + head * DIM + units.row() * stride, stride, valid);
  }
}

// The queries of a unit. Of rows g and g+8: what is added to scaled scores in base 2, and the sums
// of this lane's exponentials.
struct Queries {
  Operands q;
  float shift[HEADS][2];
  float sum[HEADS][2];
  float sums[HEADS][2][4];

  __device__ explicit Queries(const Operands& operands) {
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
#pragma unroll
      for (int i = 0; i < 4; i++) q[h][0][i] = operands[h][0][i];
      shift[h][0] = shift[h][1] = sum[h][0] = sum[h][1] = 0.f;
      clear(sums[h]);
    }
  }
};

// Whether element i of score tile n lies behind the diagonal.
__device__ __forceinline__ bool behind(int n, int i) {
  return 8 * n + 2 * (lane() & 3) + (i & 1) > (lane() >> 2) + 8 * (i >> 1);
}

// Takes 16 keys into the sums.
template <bool DIAGONAL>
__device__ __forceinline__ void attend(
    Queries& own, const bf16* keys, const bf16* values, int first, float scale2) {
  uint k[2][2];
  uint v[2][2];
  KeyTile::rowsB(k, keys, first, 0);
  KeyTile::columnsB(v, values, first, 0);
  float s[HEADS][2][4];
#pragma unroll
  for (int h = 0; h < HEADS; h++) {
#pragma unroll
    for (int n = 0; n < 2; n++) mma16816(s[h][n], own.q[h][0], k[n], {0.f, 0.f, 0.f, 0.f});
  }
#pragma unroll
  for (int h = 0; h < HEADS; h++) {
#pragma unroll
    for (int n = 0; n < 2; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        float e = exp2Fast(fmaf(s[h][n][i], scale2, own.shift[h][i >> 1]));
        if (DIAGONAL && behind(n, i)) e = 0.f;
        s[h][n][i] = e;
        own.sum[h][i >> 1] += e;
      }
    }
    uint p[4];
    sumsA(p, s[h][0], s[h][1]);
    mma16816(own.sums[h][0], p, v[0]);
    mma16816(own.sums[h][1], p, v[1]);
  }
}

// Over the four lanes of a row.
__device__ __forceinline__ float rowMax(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}
__device__ __forceinline__ float rowSum(float x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}

// Shifts the greatest score of each query to 0.
__device__ __forceinline__ void shiftGreatest(
    Queries& own, const bf16* keys, int row, float scale2) {
  float best[HEADS][2];
#pragma unroll
  for (int h = 0; h < HEADS; h++) best[h][0] = best[h][1] = -MNEME_INFINITY;
#pragma unroll 2
  for (int first = 0; first <= row; first += 16) {
    uint k[2][2];
    KeyTile::rowsB(k, keys, first, 0);
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
#pragma unroll
      for (int n = 0; n < 2; n++) {
        float s[4];
        mma16816(s, own.q[h][0], k[n], {0.f, 0.f, 0.f, 0.f});
#pragma unroll
        for (int i = 0; i < 4; i++) {
          float x = first == row && behind(n, i) ? -MNEME_INFINITY : s[i];
          best[h][i >> 1] = fmaxf(best[h][i >> 1], x);
        }
      }
    }
  }
#pragma unroll
  for (int h = 0; h < HEADS; h++) {
#pragma unroll
    for (int i = 0; i < 2; i++) own.shift[h][i] = -rowMax(best[h][i]) * scale2;
  }
}

// The greatest squared length of rows of a tile. All threads must come.
__device__ __forceinline__ float longest(const bf16* tile, int rows) {
  float best = 0.f;
  for (int row = threadIdx.x; row < rows; row += blockDim.x) {
    float sum = 0.f;
#pragma unroll
    for (int d = 0; d < DIM; d += 8) {
      float x[8];
      load(tile + row * DIM + d, x);
#pragma unroll
      for (int i = 0; i < 8; i++) sum = fmaf(x[i], x[i], sum);
    }
    best = fmaxf(best, sum);
  }
  return blockMax(best);
}

// Whether no query is longer than the root of a limit.
__device__ __forceinline__ bool within(const Operands& q, float limit) {
  bool all = true;
#pragma unroll
  for (int h = 0; h < HEADS; h++) {
    float lengths[2];
    rowProducts<DIM>(q[h], q[h], lengths);
    all = all && lengths[0] <= limit && lengths[1] <= limit;
  }
  return __all_sync(0xffffffffu, all);
}

// Writes the outputs of a head and the log-sum-exps of its scaled scores, of rows below valid.
__device__ __forceinline__ void storeHead(
    const Queries& own, int h, bf16* out, long long stride, float* logSumExp, int valid) {
  float factor[2];
#pragma unroll
  for (int i = 0; i < 2; i++) {
    float sum = rowSum(own.sum[h][i]);
    factor[i] = 1.f / sum;
    int row = (lane() >> 2) + 8 * i;
    if ((lane() & 3) == 0 && row < valid) {
      logSumExp[row] = fmaf(own.shift[h][i], -1.f / MNEME_LOG2E, logf(sum));
    }
  }
  storeRows<DIM>(own.sums[h], factor[0], factor[1], out, stride, valid);
}

// Grid [B·Hkv, any], 64 bytes of shared memory for each position, rounded up to 16.
extern "C" __global__ void __launch_bounds__(256, 3) attention_resident_bf16(
    const bf16* qkv, int sequence, int headCount, int keyHeads, float scale, bf16* out,
    float* logSumExp) {
  extern __shared__ __align__(128) unsigned char memory[];
  Heads heads{sequence, headCount, keyHeads, DIM};
  int rows = (sequence + 15) & ~15;
  bf16* keys = reinterpret_cast<bf16*>(memory);
  bf16* values = keys + rows * DIM;
  int sample = blockIdx.x / keyHeads;
  int keyHead = blockIdx.x % keyHeads;
  int firstHead = keyHead * heads.group();
  const bf16* query = qkv + heads.query(sample, firstHead);
  long long stride = heads.columns();
  KeyTile::copy(keys, qkv + heads.key(sample, keyHead), stride, rows, sequence);
  KeyTile::copy(values, qkv + heads.value(sample, keyHead), stride, rows, sequence);
  copyAsyncCommit();
  Units units(heads);
  Operands next;
  fetchQueries(next, query, units, heads);
  copyAsyncWait<0>();
  __syncthreads();
  float scale2 = scale * MNEME_LOG2E;
  float limit = LARGEST * LARGEST / (scale2 * scale2 * longest(keys, rows));
  while (units.exists()) {
    int row = units.row();
    int head = units.head();
    Queries own(next);
    units.round++;
    fetchQueries(next, query, units, heads);
    if (!within(own.q, limit)) shiftGreatest(own, keys, row, scale2);
#pragma unroll 2
    for (int first = 0; first < row; first += 16) attend<false>(own, keys, values, first, scale2);
    attend<true>(own, keys, values, row, scale2);
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
      int valid = head + h < heads.group() ? sequence - row : 0;
      int of = firstHead + head + h;
      bf16* to = out + heads.output(sample, of) + row * heads.outputColumns();
      float* statistics = logSumExp + heads.statistic(sample, of) + row;
      storeHead(own, h, to, heads.outputColumns(), statistics, valid);
    }
  }
}
#endif
