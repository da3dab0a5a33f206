// SPDX-License-Identifier: Apache-2.0
// Matrix products of any layout, for what cuBLASLt has no algorithm. A block makes tiles of 64×64,
// each of its 256 threads 4×4 elements; sums are f32, over k in ascending order.
#include "common.cuh"

constexpr int TILE = 64;   // rows and columns of a tile of c
constexpr int INNER = 16;  // columns of op(a) and rows of op(b) in shared memory at a time
constexpr int SIDE = 4;    // rows and columns of a thread
constexpr int THREADS = 256;
constexpr int PADDED = TILE + 4;

// Where the matrices of an operand lie: element (row, column) of op(matrix i).
struct Layout {
  long long ld, stride;
  int transposed;

  __device__ __forceinline__ long long at(long long i, long long row, long long column) const {
    return i * stride + (transposed ? column * ld + row : row * ld + column);
  }
};

// to[inner][outer] for a tile of op(a) (outer: its rows) or op(b) (outer: its columns), zero outside.
// innerRuns: whether elements along inner lie side by side, so that neighbouring threads take them.
template <typename T, typename At>
__device__ __forceinline__ void loadTile(const T* from, At at, bool innerRuns, long long outer0,
                                         long long outers, long long inner0, long long inners,
                                         float (&to)[INNER][PADDED]) {
  for (int e = threadIdx.x; e < TILE * INNER; e += THREADS) {
    int inner = innerRuns ? e % INNER : e / TILE;
    int outer = innerRuns ? e / INNER : e % TILE;
    bool inside = outer0 + outer < outers && inner0 + inner < inners;
    to[inner][outer] = inside ? toFloat(from[at(outer0 + outer, inner0 + inner)]) : 0.f;
  }
}

// Matrix i of c, rows row0..., columns column0...: alpha·op(a)·op(b) + beta·c.
template <typename In, typename Out>
__device__ __forceinline__ void gemmTile(long long i, long long row0, long long column0,
                                         long long m, long long n, long long k, float alpha,
                                         const In* a, Layout la, const In* b, Layout lb, float beta,
                                         Out* c, Layout lc) {
  __shared__ alignas(16) float left[INNER][PADDED];
  __shared__ alignas(16) float right[INNER][PADDED];
  int row = threadIdx.x / (TILE / SIDE) * SIDE;
  int column = threadIdx.x % (TILE / SIDE) * SIDE;
  float sums[SIDE][SIDE] = {};
  for (long long inner0 = 0; inner0 < k; inner0 += INNER) {
    loadTile(
        a, [&](long long outer, long long inner) { return la.at(i, outer, inner); },
        !la.transposed, row0, m, inner0, k, left);
    loadTile(
        b, [&](long long outer, long long inner) { return lb.at(i, inner, outer); },
        lb.transposed, column0, n, inner0, k, right);
    __syncthreads();
#pragma unroll
    for (int inner = 0; inner < INNER; inner++) {
      float x[SIDE], y[SIDE];
      load(&left[inner][row], x);
      load(&right[inner][column], y);
#pragma unroll
      for (int r = 0; r < SIDE; r++) {
#pragma unroll
        for (int s = 0; s < SIDE; s++) sums[r][s] += x[r] * y[s];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < SIDE; r++) {
#pragma unroll
    for (int s = 0; s < SIDE; s++) {
      if (row0 + row + r < m && column0 + column + s < n) {
        Out* at = c + lc.at(i, row0 + row + r, column0 + column + s);
        float product = alpha * sums[r][s];
        *at = fromFloat<Out>(beta == 0.f ? product : product + beta * toFloat(*at));
      }
    }
  }
}

template <typename In, typename Out>
__device__ __forceinline__ void gemm(int batch, long long m, long long n, long long k, float alpha,
                                     const In* a, Layout la, const In* b, Layout lb, float beta,
                                     Out* c, Layout lc) {
  long long down = (m + TILE - 1) / TILE;
  long long across = (n + TILE - 1) / TILE;
  for (long long tile = blockIdx.x; tile < batch * down * across; tile += gridDim.x) {
    long long i = tile / (down * across);
    long long place = tile % (down * across);
    gemmTile(i, place / across * TILE, place % across * TILE, m, n, k, alpha, a, la, b, lb, beta, c,
             lc);
  }
}

#define MAKE_GEMM(NAME, IN, OUT)                                                                   \
  extern "C" __global__ void __launch_bounds__(THREADS)                                            \
      NAME(int batch, long long m, long long n, long long k, float alpha, const IN* a,             \
           long long lda, long long strideA, int transposedA, const IN* b, long long ldb,          \
           long long strideB, int transposedB, float beta, OUT* c, long long ldc,                  \
           long long strideC) {                                                                    \
    gemm(batch, m, n, k, alpha, a, Layout{lda, strideA, transposedA}, b,                           \
         Layout{ldb, strideB, transposedB}, beta, c, Layout{ldc, strideC, 0});                     \
  }
MAKE_GEMM(gemm_f32, float, float)
#if MNEME_BF16
MAKE_GEMM(gemm_bf16, bf16, bf16)
MAKE_GEMM(gemm_bf16_f32, bf16, float)
#endif
