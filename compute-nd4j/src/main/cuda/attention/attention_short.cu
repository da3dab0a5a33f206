// SPDX-License-Identifier: Apache-2.0
// The gradient of attention for bf16 heads of width 16 and short sequences, with every probability
// computed once. A block owns a key head of a sample: the gradients of its keys and values stay in
// the registers of its N warps, those of the queries are summed in shared memory, one head after
// the other.
//
// Keys and queries are cut into 2N tiles of 32. Warp w owns the key tiles w and 2N−1−w, and in step
// s meets the query tiles p = (w + s) mod N and 2N−1−p: of the four pairs of tiles exactly two lie
// on or below the diagonal (three, two of them on it, where p = w), so that all warps have equal
// work, and in every step each query tile has one writer, the same in every run. A warp adds to its
// query tiles as soon as warp w+1, which had them the step before, is done.
#include "attention_backward.cuh"

#if MNEME_BF16
constexpr int DIM = 16;
constexpr int TILE = 32;
using Own = Keys<DIM, 2>;

// The gradient of 16 queries in the layout of sums: of each lane two times four numbers.
struct QuerySums {
  float4* sums;

  __device__ float4* at(int strip, int n) const { return sums + (strip * 2 + n) * 32 + lane(); }
};

// Shared memory of a block for N warps: 64·N rows.
struct Space {
  int rows;
  bf16* tiles;
  QuerySums sums;
  float* shiftsStart;
  float* meansStart;
  volatile int* done;

  __device__ Space(unsigned char* memory, int rows) : rows(rows) {
    tiles = reinterpret_cast<bf16*>(memory);
    sums.sums = reinterpret_cast<float4*>(memory + 128 * rows);
    shiftsStart = reinterpret_cast<float*>(memory + 192 * rows);
    meansStart = shiftsStart + 2 * rows;
    done = reinterpret_cast<int*>(meansStart + 4 * rows);
  }

  // Of two heads in turn.
  __device__ bf16* queries(int head) const { return tiles + (head & 1) * 2 * rows * DIM; }
  __device__ bf16* gradients(int head) const { return queries(head) + rows * DIM; }
  __device__ float* shifts(int head) const { return shiftsStart + (head & 1) * rows; }
  __device__ float* means(int head) const { return meansStart + (head & 1) * 2 * rows; }
  // The keys, before there are sums.
  __device__ bf16* keys() const { return reinterpret_cast<bf16*>(sums.sums); }
};

// Waits until a warp has done a number of steps, and sees what it wrote.
__device__ __forceinline__ void await(const volatile int* done, int steps) {
  while (*done < steps) {
  }
  __threadfence_block();
}

// Adds the part of a key tile and a query tile to all gradients; fresh: the first part that the
// queries get. Calls ready before it touches their sums.
template <bool DIAGONAL, typename Ready>
__device__ __forceinline__ void tileGradient(
    Own& own, const uint (&keys)[2][2][2], const Space& space, int head, int keyTile,
    int queryTile, bool fresh, float scale2, Ready ready) {
#pragma unroll 1
  for (int strip = 2 * queryTile; strip < 2 * queryTile + 2; strip++) {
    uint ds[2][4];
    keyGradient<DIM, 2, DIAGONAL>(
        own, space.queries(head), space.gradients(head), space.shifts(head), space.means(head),
        16 * strip, TILE * keyTile, scale2, ds);
    float dQ[2][4];
    clear(dQ);
#pragma unroll
    for (int j = 0; j < 2; j++) {
      uint a[4];
      transposeA(a, ds[j]);
      mma16816(dQ[0], a, keys[j][0]);
      mma16816(dQ[1], a, keys[j][1]);
    }
    ready();
#pragma unroll
    for (int n = 0; n < 2; n++) {
      float4* to = space.sums.at(strip, n);
      float4 old = fresh ? make_float4(0.f, 0.f, 0.f, 0.f) : *to;
      *to = make_float4(old.x + dQ[n][0], old.y + dQ[n][1], old.z + dQ[n][2], old.w + dQ[n][3]);
    }
  }
}

// Writes the finished gradient of a query tile.
__device__ __forceinline__ void storeQueries(
    const QuerySums& sums, int tile, float scale, bf16* to, long long stride, int sequence) {
  for (int strip = 2 * tile; strip < 2 * tile + 2; strip++) {
    float dQ[2][4];
#pragma unroll
    for (int n = 0; n < 2; n++) {
      float4 sum = *sums.at(strip, n);
      dQ[n][0] = sum.x, dQ[n][1] = sum.y, dQ[n][2] = sum.z, dQ[n][3] = sum.w;
    }
    int row = 16 * strip;
    storeRows<DIM>(dQ, scale, scale, to + row * stride, stride, sequence - row);
  }
}

// Operands and zero gradients of a key tile.
__device__ __forceinline__ void loadKeys(
    Own& own, uint (&columns)[2][2][2], const Space& space, int tile, const bf16* key,
    const bf16* value, long long stride, int sequence) {
#pragma unroll
  for (int j = 0; j < 2; j++) {
    int row = TILE * tile + 16 * j;
    globalA<DIM>(own.k[j], key + row * stride, stride, sequence - row);
    globalA<DIM>(own.v[j], value + row * stride, stride, sequence - row);
    Tile<DIM>::columnsB(columns[j], space.keys(), row, 0);
    clear(own.dK[j]);
    clear(own.dV[j]);
  }
}

__device__ __forceinline__ void storeKeys(
    const Own& own, int tile, float scale, bf16* key, bf16* value, long long stride,
    int sequence) {
#pragma unroll
  for (int j = 0; j < 2; j++) {
    int row = TILE * tile + 16 * j;
    storeRows<DIM>(own.dK[j], scale, scale, key + row * stride, stride, sequence - row);
    storeRows<DIM>(own.dV[j], 1.f, 1.f, value + row * stride, stride, sequence - row);
  }
}

// Shifts and means of a head's queries, as the kernels for any length hand them on.
__device__ __forceinline__ void statistics(
    const bf16* dOut, const bf16* out, const float* logSumExp, long long stride, int sequence,
    int rows, float* shifts, float* means) {
  for (int row = threadIdx.x; row < rows; row += blockDim.x) {
    float shift = -MNEME_INFINITY;
    float product = 0.f;
    if (row < sequence) {
      shift = -logSumExp[row] * MNEME_LOG2E;
#pragma unroll
      for (int d = 0; d < DIM; d += 8) {
        float a[8];
        float b[8];
        load(dOut + row * stride + d, a);
        load(out + row * stride + d, b);
#pragma unroll
        for (int i = 0; i < 8; i++) product = fmaf(a[i], b[i], product);
      }
    }
    shifts[row] = shift;
    float* pair = means + 2 * (row & ~1) + (row & 1);
    pair[0] = pair[2] = -product;
  }
}

// Grid [B·Hkv], ceil(T / 64) warps, 216 bytes of shared memory for each of 64·warps rows and 128.
extern "C" __global__ void __launch_bounds__(256, 1) attention_backward_short_bf16(
    const bf16* dOut, const bf16* qkv, const bf16* out, const float* logSumExp, int sequence,
    int headCount, int keyHeads, float scale, bf16* dQkv) {
  extern __shared__ __align__(128) unsigned char memory[];
  int warps = blockDim.x >> 5;
  Space space(memory, 2 * TILE * warps);
  Heads heads{sequence, headCount, keyHeads, DIM};
  int sample = blockIdx.x / keyHeads;
  int keyHead = blockIdx.x % keyHeads;
  int firstHead = keyHead * heads.group();
  long long stride = heads.columns();
  long long outputStride = heads.outputColumns();
  long long key = heads.key(sample, keyHead);
  long long value = heads.value(sample, keyHead);

  auto fetch = [&](int h) {
    const bf16* query = qkv + heads.query(sample, firstHead + h);
    long long output = heads.output(sample, firstHead + h);
    Tile<DIM>::copy(space.queries(h), query, stride, space.rows, sequence);
    Tile<DIM>::copy(space.gradients(h), dOut + output, outputStride, space.rows, sequence);
    copyAsyncCommit();
    statistics(dOut + output, out + output, logSumExp + heads.statistic(sample, firstHead + h),
               outputStride, sequence, space.rows, space.shifts(h), space.means(h));
  };

  Tile<DIM>::copy(space.keys(), qkv + key, stride, space.rows, sequence);
  fetch(0);
  if (threadIdx.x < warps) space.done[threadIdx.x] = 0;
  copyAsyncWait<0>();
  __syncthreads();
  int low = warp();
  int high = 2 * warps - 1 - low;
  Own ownLow;
  Own ownHigh;
  uint columnsLow[2][2][2];
  uint columnsHigh[2][2][2];
  loadKeys(ownLow, columnsLow, space, low, qkv + key, qkv + value, stride, sequence);
  loadKeys(ownHigh, columnsHigh, space, high, qkv + key, qkv + value, stride, sequence);

  float scale2 = scale * MNEME_LOG2E;
  int steps = 0;
  for (int h = 0; h < heads.group(); h++) {
    // All warps are done with the keys' tile, or with the head before this one.
    copyAsyncWait<0>();
    __syncthreads();
    if (h + 1 < heads.group()) fetch(h + 1);
    for (int s = 0; s < warps; s++, steps++) {
      int p = low + s < warps ? low + s : low + s - warps;
      int mirror = 2 * warps - 1 - p;
      bool mine = false;
      auto ready = [&]() {
        if (!mine) await(space.done + (low + 1 < warps ? low + 1 : 0), steps);
        mine = true;
      };
      if (p > low) {
        tileGradient<false>(
            ownLow, columnsLow, space, h, low, p, false, scale2, ready);
      } else if (p == low) {
        tileGradient<true>(ownLow, columnsLow, space, h, low, p, true, scale2, ready);
        tileGradient<true>(ownHigh, columnsHigh, space, h, high, mirror, true, scale2, ready);
      } else {
        tileGradient<false>(
            ownHigh, columnsHigh, space, h, high, mirror, false, scale2, ready);
      }
      tileGradient<false>(ownLow, columnsLow, space, h, low, mirror, false, scale2, ready);
      if (s == warps - 1) {
        bf16* to = dQkv + heads.query(sample, firstHead + h);
        storeQueries(space.sums, p, scale, to, stride, sequence);
        storeQueries(space.sums, mirror, scale, to, stride, sequence);
      }
      __threadfence_block();
      __syncwarp();
      if (lane() == 0) space.done[low] = steps + 1;
    }
  }
  storeKeys(ownLow, low, scale, dQkv + key, dQkv + value, stride, sequence);
  storeKeys(ownHigh, high, scale, dQkv + key, dQkv + value, stride, sequence);
}
#endif
