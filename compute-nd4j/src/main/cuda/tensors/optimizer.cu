// SPDX-License-Identifier: Apache-2.0
// Parameter updates over flat arenas. All are bound by memory: 16 bytes an access, several accesses
// of a thread under way at a time.
#include "common.cuh"

// partial[block] = the block's share of Σ x²: in a fixed order, whatever the timing.
template <typename T>
__device__ __forceinline__ void sumOfSquares(const T* x, long long count, float* partial) {
  constexpr int N = 16 / sizeof(T);
  constexpr int PACKS = 4;
  long long threads = (long long)gridDim.x * blockDim.x;
  long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  long long packs = ((u64)x & 15) == 0 ? count / N : 0;
  float sums[PACKS] = {};
  long long i = thread;
  for (; i + (PACKS - 1) * threads < packs; i += PACKS * threads) {
    float values[PACKS][N];
#pragma unroll
    for (int p = 0; p < PACKS; p++) load(x + (i + p * threads) * N, values[p]);
#pragma unroll
    for (int p = 0; p < PACKS; p++) {
#pragma unroll
      for (int j = 0; j < N; j++) sums[p] += values[p][j] * values[p][j];
    }
  }
  for (; i < packs; i += threads) {
    float values[N];
    load(x + i * N, values);
#pragma unroll
    for (int j = 0; j < N; j++) sums[0] += values[j] * values[j];
  }
  // What is left of an aligned tensor, or the whole of one that is not.
  for (long long j = packs * N + thread; j < count; j += threads) {
    float value = toFloat(x[j]);
    sums[1] += value * value;
  }
  float sum = blockSum((sums[0] + sums[1]) + (sums[2] + sums[3]));
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

#define MAKE(T, SUFFIX)                                                                         \
  extern "C" __global__ void sum_of_squares_##SUFFIX(const T* x, long long count, float* partial) { \
    sumOfSquares(x, count, partial);                                                            \
  }
MNEME_FLOATING(MAKE)
#undef MAKE

// out (+)= Σ partial, by one block.
extern "C" __global__ void add_partial_sums(const float* partial, int parts, int add, float* out) {
  float sum = 0;
  for (int i = threadIdx.x; i < parts; i += blockDim.x) sum += partial[i];
  sum = blockSum(sum);
  if (threadIdx.x == 0) *out = add ? *out + sum : sum;
}

// False for NaN and both infinities.
__device__ __forceinline__ bool finite(float x) { return fabsf(x) <= 3.402823466e38f; }

// factors[i] = min(1, maxNorms[i] / (√sums[i] + 1e-6)) if all sums are finite, else NaN for all, and
// one more step is skipped. By one warp.
extern "C" __global__ void clip_factors(const float* sums, const float* maxNorms, int parts,
                                        float* factors, int* skipped) {
  bool good = true;
  for (int i = threadIdx.x; i < parts; i += 32) good &= finite(sums[i]);
  good = __all_sync(0xffffffffu, good);
  for (int i = threadIdx.x; i < parts; i += 32) {
    float ratio = maxNorms[i] / (sqrtf(sums[i]) + 1e-6f);
    factors[i] = !good ? __int_as_float(0x7fc00000) : ratio >= 1.f ? 1.f : ratio;
  }
  if (!good && threadIdx.x == 0) *skipped += 1;
}

// target = saved, bits of 4 bytes an element, unless the condition is finite.
extern "C" __global__ void restore_unless_finite(const float* condition, const int* saved,
                                                 long long count, int* target) {
  if (finite(*condition)) return;
  long long threads = (long long)gridDim.x * blockDim.x;
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads) {
    target[i] = saved[i];
  }
}

struct AdamW {
  float beta1, beta2, eps;
  float keep;      // 1 - lr·decay
  float rate;      // lr / c1
  float inverse2;  // 1 / c2
  float factor;    // of the gradient

  __device__ __forceinline__ void update(float gradient, float& w, float& m, float& v) const {
    float g = factor * gradient;
    m = beta1 * m + (1.f - beta1) * g;
    v = beta2 * v + (1.f - beta2) * g * g;
    w = keep * w - rate * m / (sqrtf(v * inverse2) + eps);
  }
};

constexpr int ADAM_PACKS = 2;

// One step on w, m and v in place; copy, if there is one, becomes the new w rounded to bf16. A block
// of blockDim threads does ADAM_PACKS·4·blockDim elements.
extern "C" __global__ void __launch_bounds__(256)
    adam_w(float* w, const float* gradient, float* m, float* v, bf16* copy, long long count,
           float beta1, float beta2, float eps, float decay, const float* schedule,
           const float* gradientFactor) {
  constexpr int N = 4;
  // 0·NaN is NaN: a step without a finite norm must be left out, not scaled to nothing.
  if (!finite(gradientFactor[0])) return;
  float lr = schedule[0];
  AdamW step{beta1,           beta2,           eps,           1.f - lr * decay,
             lr / schedule[1], 1.f / schedule[2], gradientFactor[0]};
  long long first = N * ((long long)blockIdx.x * blockDim.x * ADAM_PACKS + threadIdx.x);
  long long distance = N * blockDim.x;
  bool wide = (((u64)w | (u64)gradient | (u64)m | (u64)v) & 15) == 0 && ((u64)copy & 7) == 0;
  if (wide && first + (ADAM_PACKS - 1) * distance + N <= count) {
    float tw[ADAM_PACKS][N], tg[ADAM_PACKS][N], tm[ADAM_PACKS][N], tv[ADAM_PACKS][N];
#pragma unroll
    for (int p = 0; p < ADAM_PACKS; p++) {
      long long i = first + p * distance;
      load(w + i, tw[p]);
      load(gradient + i, tg[p]);
      load(m + i, tm[p]);
      load(v + i, tv[p]);
    }
#pragma unroll
    for (int p = 0; p < ADAM_PACKS; p++) {
      long long i = first + p * distance;
#pragma unroll
      for (int j = 0; j < N; j++) step.update(tg[p][j], tw[p][j], tm[p][j], tv[p][j]);
      store(tw[p], w + i);
      store(tm[p], m + i);
      store(tv[p], v + i);
      if (copy) store(tw[p], copy + i);
    }
    return;
  }
  for (int p = 0; p < ADAM_PACKS; p++) {
    long long start = first + p * distance;
    for (long long i = start; i < start + N && i < count; i++) {
      float tw = w[i], tm = m[i], tv = v[i];
      step.update(gradient[i], tw, tm, tv);
      w[i] = tw;
      m[i] = tm;
      v[i] = tv;
      if (copy) copy[i] = toBf16(tw);
    }
  }
}

// The rows that a list names, whose length only the device knows: 2^shift threads for each row of
// packs·V elements, in turns of all threads of the grid.
struct ListedRows {
  const int* list;
  int packs;
  int shift;
  long long end;  // threads that have a row

  __device__ __forceinline__ ListedRows(const int* list, const int* rowCount, int packs, int shift)
      : list(list), packs(packs), shift(shift), end((long long)*rowCount << shift) {}

  // Calls body(first element of a pack) for the packs of this thread.
  template <int V, typename Body>
  __device__ __forceinline__ void forEachPack(Body body) const {
    long long threads = (long long)gridDim.x * blockDim.x;
    for (long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x; thread < end;
         thread += threads) {
      long long row = (long long)list[thread >> shift] * packs;
#pragma unroll 2
      for (int i = (int)(thread & ((1 << shift) - 1)); i < packs; i += 1 << shift) {
        body((row + i) * V);
      }
    }
  }
};

// partial[block] = the block's share of Σ x² over listed rows. Which thread adds what depends on the
// list and the grid alone.
template <int V>
__device__ __forceinline__ void sumOfSquaresRows(const float* x, const ListedRows& rows,
                                                 float* partial) {
  float sum = 0.f;
  rows.forEachPack<V>([&](long long at) {
    float values[V];
    load<float, V>(x + at, values);
#pragma unroll
    for (int j = 0; j < V; j++) sum += values[j] * values[j];
  });
  sum = blockSum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

// One step on the listed rows of w, m and v in place.
template <int V>
__device__ __forceinline__ void adamWRows(float* w, const float* gradient, float* m, float* v,
                                          bf16* copy, const ListedRows& rows, const AdamW& step) {
  rows.forEachPack<V>([&](long long at) {
    float tw[V], tg[V], tm[V], tv[V];
    load<float, V>(w + at, tw);
    load<float, V>(gradient + at, tg);
    load<float, V>(m + at, tm);
    load<float, V>(v + at, tv);
#pragma unroll
    for (int j = 0; j < V; j++) step.update(tg[j], tw[j], tm[j], tv[j]);
    store<float, V>(tw, w + at);
    store<float, V>(tm, m + at);
    store<float, V>(tv, v + at);
    if (copy) store<bf16, V>(tw, copy + at);
  });
}

#define MAKE(V, SUFFIX)                                                                         \
  extern "C" __global__ void __launch_bounds__(256)                                             \
      sum_of_squares_rows_##SUFFIX(const float* x, const int* list, const int* rowCount,        \
                                   int packs, int shift, float* partial) {                      \
    sumOfSquaresRows<V>(x, ListedRows(list, rowCount, packs, shift), partial);                  \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(256)                                             \
      adam_w_rows_##SUFFIX(float* w, const float* gradient, float* m, float* v, bf16* copy,     \
                           const int* list, const int* rowCount, int packs, int shift,          \
                           float beta1, float beta2, float eps, float decay,                    \
                           const float* schedule, const float* gradientFactor) {                \
    if (!finite(gradientFactor[0])) return;                                                     \
    float lr = schedule[0];                                                                     \
    AdamW step{beta1,           beta2,           eps,           1.f - lr * decay,               \
               lr / schedule[1], 1.f / schedule[2], gradientFactor[0]};                         \
    adamWRows<V>(w, gradient, m, v, copy, ListedRows(list, rowCount, packs, shift), step);      \
  }
MAKE(1, narrow)
MAKE(4, wide)
#undef MAKE
