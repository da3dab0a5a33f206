// SPDX-License-Identifier: Apache-2.0
// Attention of each head's query over the S entries of its own position on tensor cores: a warp
// takes a position, 16 heads and 8 entries at a time. Rows are a multiple of 32 wide.
//
// No operand passes through shared memory: columns may be counted in any order, as long as both
// operands of a product do the same. In a block of 32 columns, as in mma.cuh with g = lane / 4 and
// t = lane % 4, a lane holds columns 8t … 8t+7 of row g of what is summed over columns; and of what
// is summed over rows it makes column 8·(g / 2) + 2i + g % 2 the g-th of product i, so that the
// lane's results of products 0 … 3 are columns 8t … 8t+7.
#include "mma.cuh"
#include "packs.cuh"

#if MNEME_BF16
constexpr float LEAST_WEIGHT = 1e-9f;
constexpr int BLOCK = 32;

struct Words {
  uint at[4];
};

// 8 columns of a row; zeros for a row that there is not.
__device__ __forceinline__ Words loadWords(const bf16* rows, int row, int count, int width,
                                           int column) {
  if (row >= count) return {};
  uint4 words = *reinterpret_cast<const uint4*>(rows + (long long)row * width + column);
  return {words.x, words.y, words.z, words.w};
}

__device__ __forceinline__ void storeWords(const float (&products)[4][4], int half, bf16* rows,
                                           int row, int count, int width, int column) {
  if (row >= count) return;
  uint words[4];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    words[i] = packBf16(products[i][2 * half], products[i][2 * half + 1]);
  }
  *reinterpret_cast<uint4*>(rows + (long long)row * width + column) =
      uint4{words[0], words[1], words[2], words[3]};
}

// The lane's column of product i, of two rows.
__device__ __forceinline__ uint columnPair(const Words& first, const Words& second, int i) {
  bool odd = (lane() >> 2) & 1;
  return __byte_perm(first.at[i], second.at[i], odd ? 0x7632 : 0x5410);
}

// Sums over the four lanes that share a row.
template <typename T>
__device__ __forceinline__ T rowSum(T x) {
  x += __shfl_xor_sync(0xffffffffu, x, 1);
  return x + __shfl_xor_sync(0xffffffffu, x, 2);
}
__device__ __forceinline__ float rowMax(float x) {
  x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 1));
  return fmaxf(x, __shfl_xor_sync(0xffffffffu, x, 2));
}

// One position: its rows of queries or their gradients, and its entries.
struct Position {
  int heads;
  int slots;
  int width;
  int g;
  int t;

  __device__ __forceinline__ Position(int heads, int slots, int width)
      : heads(heads), slots(slots), width(width), g(lane() >> 2), t(lane() & 3) {}

  // c = x·mᵀ for heads 16·tile …: c[k] = {(g, 8k+2t), (g, 8k+2t+1), (g+8, …), (g+8, …)}.
  template <int TILES>
  __device__ __forceinline__ void dots(const bf16* x, const bf16* reads, int tile,
                                       float (&c)[TILES][4]) const {
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int i = 0; i < 4; i++) c[k][i] = 0.f;
    }
#pragma unroll 4
    for (int block = 0; block < width; block += BLOCK) {
      Words low = loadWords(x, 16 * tile + g, heads, width, block + 8 * t);
      Words high = loadWords(x, 16 * tile + 8 + g, heads, width, block + 8 * t);
#pragma unroll
      for (int k = 0; k < TILES; k++) {
        Words m = loadWords(reads, 8 * k + g, slots, width, block + 8 * t);
#pragma unroll
        for (int i = 0; i < 4; i += 2) {
          uint a[4] = {low.at[i], high.at[i], low.at[i + 1], high.at[i + 1]};
          uint b[2] = {m.at[i], m.at[i + 1]};
          mma16816(c[k], a, b);
        }
      }
    }
  }

  // y = p·m for heads 16·tile …, in one block of columns; p as two halves (g and g+8) of bf16 pairs.
  template <int TILES>
  __device__ __forceinline__ void mix(const uint (&p)[TILES][2], const bf16* reads, int tile,
                                      int block, bf16* y) const {
    float products[4][4] = {};
#pragma unroll
    for (int k = 0; k < TILES; k++) {
      int slot = 8 * k + 2 * t;
      Words first = loadWords(reads, slot, slots, width, block + 8 * (g >> 1));
      Words second = loadWords(reads, slot + 1, slots, width, block + 8 * (g >> 1));
#pragma unroll
      for (int i = 0; i < 4; i++) {
        mma1688(products[i], p[k][0], p[k][1], columnPair(first, second, i));
      }
    }
    storeWords(products, 0, y, 16 * tile + g, heads, width, block + 8 * t);
    storeWords(products, 1, y, 16 * tile + 8 + g, heads, width, block + 8 * t);
  }

  // c += pᵀ·x over heads 16·tile …, in one block of columns: c[i] = {(slot g, column 8t+2i), (g,
  // 8t+2i+1), (g+8, …), (g+8, …)}; p transposed: [k][half] holds slot 8k+g, heads 8·half+2t….
  template <int TILES>
  __device__ __forceinline__ void addTransposed(const uint (&p)[TILES][2], const bf16* x, int tile,
                                                int block, float (&c)[4][4]) const {
    int head = 16 * tile + 2 * t;
    int column = block + 8 * (g >> 1);
    Words rows[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      rows[i] = loadWords(x, head + (i & 1) + 8 * (i >> 1), heads, width, column);
    }
    uint a[4] = {p[0][0], TILES > 1 ? p[TILES - 1][0] : 0, p[0][1],
                 TILES > 1 ? p[TILES - 1][1] : 0};
#pragma unroll
    for (int i = 0; i < 4; i++) {
      uint b[2] = {columnPair(rows[0], rows[1], i), columnPair(rows[2], rows[3], i)};
      mma16816(c[i], a, b);
    }
  }
};

// logits → probabilities of the two heads of a lane, g and g+8.
template <int TILES>
__device__ __forceinline__ void softmax(float (&c)[TILES][4], const float (&logWeights)[TILES][2],
                                        float scale) {
#pragma unroll
  for (int half = 0; half < 4; half += 2) {
    float largest = -MNEME_INFINITY;
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int e = 0; e < 2; e++) {
        c[k][half + e] = scale * c[k][half + e] + logWeights[k][e];
        largest = fmaxf(largest, c[k][half + e]);
      }
    }
    largest = rowMax(largest);
    float sum = 0.f;
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int e = 0; e < 2; e++) {
        c[k][half + e] = expf(c[k][half + e] - largest);
        sum += c[k][half + e];
      }
    }
    float inverse = 1.f / rowSum(sum);
#pragma unroll
    for (int k = 0; k < TILES; k++) {
      c[k][half] *= inverse;
      c[k][half + 1] *= inverse;
    }
  }
}

template <int TILES>
__device__ __forceinline__ void attendEntries(const bf16* queries, const bf16* reads,
                                              const float* weights, float scale,
                                              long long positions, int heads, int slots, int width,
                                              bf16* out, float* probabilities) {
  long long n = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (n >= positions) return;
  Position at(heads, slots, width);
  queries += n * heads * width;
  reads += n * slots * width;
  out += n * heads * width;
  float logWeights[TILES][2];
#pragma unroll
  for (int k = 0; k < TILES; k++) {
#pragma unroll
    for (int e = 0; e < 2; e++) {
      int slot = 8 * k + 2 * at.t + e;
      logWeights[k][e] = slot < slots ? logf(fmaxf(weights[n * slots + slot], LEAST_WEIGHT))
                                      : -MNEME_INFINITY;
    }
  }
  for (int tile = 0; 16 * tile < heads; tile++) {
    float c[TILES][4];
    at.dots<TILES>(queries, reads, tile, c);
    softmax<TILES>(c, logWeights, scale);
    uint p[TILES][2];
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int head = 16 * tile + 8 * (i >> 1) + at.g;
        int slot = 8 * k + 2 * at.t + (i & 1);
        if (head < heads && slot < slots) {
          probabilities[(n * heads + head) * slots + slot] = c[k][i];
        }
      }
      p[k][0] = packBf16(c[k][0], c[k][1]);
      p[k][1] = packBf16(c[k][2], c[k][3]);
    }
#pragma unroll 4
    for (int block = 0; block < width; block += BLOCK) at.mix<TILES>(p, reads, tile, block, out);
  }
}

// dScores = p·(dp − Σ p·dp), in place of dp. In double precision, and of probabilities that sum to
// exactly 1: where one of them is near 1, its gradient is a small difference of large numbers.
template <int TILES>
__device__ __forceinline__ void softmaxBackward(const float (&p)[TILES][4], float (&d)[TILES][4]) {
#pragma unroll
  for (int half = 0; half < 4; half += 2) {
    double mean = 0;
    double total = 0;
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int e = half; e < half + 2; e++) {
        mean += (double)p[k][e] * d[k][e];
        total += p[k][e];
      }
    }
    mean = rowSum(mean);
    total = rowSum(total);
    // A head that there is not has no probabilities.
    mean = total > 0 ? mean / total : 0;
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int e = half; e < half + 2; e++) d[k][e] = (float)(p[k][e] * (d[k][e] - mean));
    }
  }
}

template <int TILES>
__device__ __forceinline__ void writeWeightGradients(const Position& at, float (&sums)[TILES][2],
                                                     const float* weights, float* dLogWeights) {
#pragma unroll
  for (int k = 0; k < TILES; k++) {
#pragma unroll
    for (int e = 0; e < 2; e++) {
      float sum = sums[k][e];
#pragma unroll
      for (int step = 4; step < 32; step <<= 1) sum += __shfl_xor_sync(0xffffffffu, sum, step);
      int slot = 8 * k + 2 * at.t + e;
      if (at.g == 0 && slot < at.slots) {
        dLogWeights[slot] = weights[slot] < LEAST_WEIGHT ? 0.f : sum;
      }
    }
  }
}

// For at most 16·HEADS heads. dQueries may be queries: a warp reads a block of columns before it
// writes it.
template <int HEADS, int TILES>
__device__ __forceinline__ void attendEntriesBackward(
    const bf16* dOut, const bf16* queries, const bf16* reads, const float* weights, float scale,
    const float* probabilities, long long positions, int heads, int slots, int width,
    bf16* dQueries, bf16* dReads, float* dLogWeights) {
  long long n = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (n >= positions) return;
  Position at(heads, slots, width);
  dOut += n * heads * width;
  queries += n * heads * width;
  dQueries += n * heads * width;
  reads += n * slots * width;
  dReads += n * slots * width;
  probabilities += n * heads * slots;
  uint pTransposed[HEADS][TILES][2];
  uint d[HEADS][TILES][2];
  uint dTransposed[HEADS][TILES][2];
  float sums[TILES][2] = {};
#pragma unroll
  for (int tile = 0; tile < HEADS; tile++) {
    float p[TILES][4];
#pragma unroll
    for (int k = 0; k < TILES; k++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int head = 16 * tile + 8 * (i >> 1) + at.g;
        int slot = 8 * k + 2 * at.t + (i & 1);
        p[k][i] = head < heads && slot < slots ? probabilities[head * slots + slot] : 0.f;
      }
    }
    float c[TILES][4];
    at.dots<TILES>(dOut, reads, tile, c);
    softmaxBackward<TILES>(p, c);
#pragma unroll
    for (int k = 0; k < TILES; k++) {
      sums[k][0] += c[k][0] + c[k][2];
      sums[k][1] += c[k][1] + c[k][3];
#pragma unroll
      for (int half = 0; half < 2; half++) {
        d[tile][k][half] = packBf16(scale * c[k][2 * half], scale * c[k][2 * half + 1]);
        dTransposed[tile][k][half] = transpose8x8(d[tile][k][half]);
        pTransposed[tile][k][half] = transpose8x8(packBf16(p[k][2 * half], p[k][2 * half + 1]));
      }
    }
  }
  writeWeightGradients<TILES>(at, sums, weights + n * slots, dLogWeights + n * slots);
  for (int block = 0; block < width; block += BLOCK) {
    float products[4][4] = {};
#pragma unroll
    for (int tile = 0; tile < HEADS; tile++) {
      at.addTransposed<TILES>(pTransposed[tile], dOut, tile, block, products);
      at.addTransposed<TILES>(dTransposed[tile], queries, tile, block, products);
    }
    storeWords(products, 0, dReads, at.g, slots, width, block + 8 * at.t);
    storeWords(products, 1, dReads, 8 + at.g, slots, width, block + 8 * at.t);
    __syncwarp();
#pragma unroll
    for (int tile = 0; tile < HEADS; tile++) at.mix<TILES>(d[tile], reads, tile, block, dQueries);
  }
}

#define MAKE(TILES)                                                                            \
  extern "C" __global__ void __launch_bounds__(256) entry_attention_##TILES##_bf16(            \
      const bf16* queries, const bf16* reads, const float* weights, float scale,               \
      long long positions, int heads, int slots, int width, bf16* out, float* probabilities) { \
    attendEntries<TILES>(queries, reads, weights, scale, positions, heads, slots, width, out,  \
                         probabilities);                                                       \
  }
MAKE(1)
MAKE(2)
#undef MAKE
#define MAKE(HEADS, TILES)                                                                    \
  extern "C" __global__ void __launch_bounds__(256)                                           \
      entry_attention_backward_##HEADS##_##TILES##_bf16(                                      \
          const bf16* dOut, const bf16* queries, const bf16* reads, const float* weights,     \
          float scale, const float* probabilities, long long positions, int heads, int slots, \
          int width, bf16* dQueries, bf16* dReads, float* dLogWeights) {                      \
    attendEntriesBackward<HEADS, TILES>(dOut, queries, reads, weights, scale, probabilities,  \
                                        positions, heads, slots, width, dQueries, dReads,     \
                                        dLogWeights);                                         \
  }
MAKE(1, 1)
MAKE(1, 2)
MAKE(2, 1)
MAKE(2, 2)
#endif
