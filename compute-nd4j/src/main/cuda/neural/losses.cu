// SPDX-License-Identifier: Apache-2.0
// Cross-entropy of rows of logits, a block for each row: losses, and unless rowScale is null the
// gradients rowScale·(softmax − onehot) in the place of the logits. A row that fits is held in
// registers: read once, written once.
#include "packs.cuh"

constexpr int MASKED = -100;

// Packs that a thread holds of a row.
constexpr int HELD = 4;

template <typename T>
__device__ __forceinline__ int column(int pack) {
  return (pack * (int)blockDim.x + (int)threadIdx.x) * WIDE<T>;
}

// exp(x) of x ≤ 0, where what is too small for a normal number may be 0.
__device__ __forceinline__ float expOf(float x) {
  float result;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x * 1.44269504f));
  return result;
}

// The target's logit; NaN where the target is no class. To be read before the row is overwritten.
template <typename T>
__device__ __forceinline__ float chosenLogit(const T* row, int target, int classes) {
  bool some = target >= 0 && target < classes;
  return some ? toFloat(row[target]) : __int_as_float(0x7fffffff);
}

// The maximum of some logits, and the sum of exp(logit − maximum).
struct Softmax {
  float maximum;
  float sum;
};

// Over the block, of what each warp has; in a fixed order. Every thread gets the result.
__device__ __forceinline__ Softmax mergeWarps(Softmax mine) {
  __shared__ float maxima[32];
  __shared__ float sums[32];
  if (lane() == 0) {
    maxima[warp()] = mine.maximum;
    sums[warp()] = mine.sum;
  }
  __syncthreads();
  bool some = lane() < (blockDim.x >> 5);
  float maximum = some ? maxima[lane()] : -MNEME_INFINITY;
  float sum = some ? sums[lane()] : 0.f;
  float greatest = warpMax(maximum);
  return {greatest, warpSum(sum * expOf(maximum - greatest))};
}

template <typename T>
__device__ __forceinline__ Softmax softmaxOf(const Pack<T, WIDE<T>> (&held)[HELD], int classes) {
  float maximum = -MNEME_INFINITY;
#pragma unroll
  for (int h = 0; h < HELD; h++) {
    if (column<T>(h) < classes) {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) maximum = fmaxf(maximum, toFloat(held[h].at[i]));
    }
  }
  maximum = warpMax(maximum);
  // A warp may have no logits, or none but −∞; −∞ − −∞ would be no number.
  float from = maximum == -MNEME_INFINITY ? 0.f : maximum;
  float sum = 0.f;
#pragma unroll
  for (int h = 0; h < HELD; h++) {
    if (column<T>(h) < classes) {
#pragma unroll
      for (int i = 0; i < WIDE<T>; i++) sum += expOf(toFloat(held[h].at[i]) - from);
    }
  }
  return mergeWarps({maximum, warpSum(sum)});
}

// classes is a multiple of the pack, and the block's threads hold them all.
template <typename T>
__device__ __forceinline__ void heldRow(T* logits, const int* targets, const float* rowScale,
                                        float* losses, int classes) {
  constexpr int N = WIDE<T>;
  T* row = logits + (long long)blockIdx.x * classes;
  int target = targets[blockIdx.x];
  bool masked = target == MASKED;
  float scale = masked ? 0.f : rowScale ? rowScale[blockIdx.x] : 1.f;
  Pack<T, N> held[HELD];
  Softmax all = {0.f, 1.f};
  if (!masked) {
    float chosen = threadIdx.x == 0 ? chosenLogit(row, target, classes) : 0.f;
#pragma unroll
    for (int h = 0; h < HELD; h++) {
      if (column<T>(h) < classes) held[h] = *reinterpret_cast<Pack<T, N>*>(row + column<T>(h));
    }
    all = softmaxOf<T>(held, classes);
    if (threadIdx.x == 0) losses[blockIdx.x] = scale * (logf(all.sum) + (all.maximum - chosen));
  } else if (threadIdx.x == 0) {
    losses[blockIdx.x] = 0.f;
  }
  if (!rowScale) return;
  float factor = scale / all.sum;
#pragma unroll
  for (int h = 0; h < HELD; h++) {
    int c = column<T>(h);
    if (c >= classes) continue;
    float gradient[N] = {};
    if (!masked) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        gradient[i] = expOf(toFloat(held[h].at[i]) - all.maximum) * factor;
      }
      // One pack of the row has the target.
      if (target / N == c / N) {
#pragma unroll
        for (int i = 0; i < N; i++) {
          if (c + i == target) gradient[i] -= scale;
        }
      }
    }
    store(gradient, row + c);
  }
}

// Rows of any length.
template <typename T>
__device__ __forceinline__ void longRow(T* logits, const int* targets, const float* rowScale,
                                        float* losses, int classes) {
  T* row = logits + (long long)blockIdx.x * classes;
  int target = targets[blockIdx.x];
  bool masked = target == MASKED;
  float scale = masked ? 0.f : rowScale ? rowScale[blockIdx.x] : 1.f;
  float maximum = -MNEME_INFINITY;
  float sum = 0.f;
  if (!masked) {
    float chosen = threadIdx.x == 0 ? chosenLogit(row, target, classes) : 0.f;
    for (int c = threadIdx.x; c < classes; c += blockDim.x) {
      maximum = fmaxf(maximum, toFloat(row[c]));
    }
    maximum = blockMax(maximum);
    for (int c = threadIdx.x; c < classes; c += blockDim.x) {
      sum += expOf(toFloat(row[c]) - maximum);
    }
    sum = blockSum(sum);
    if (threadIdx.x == 0) losses[blockIdx.x] = scale * (logf(sum) + (maximum - chosen));
  } else if (threadIdx.x == 0) {
    losses[blockIdx.x] = 0.f;
  }
  if (!rowScale) return;
  float factor = scale / sum;
  for (int c = threadIdx.x; c < classes; c += blockDim.x) {
    float gradient = masked ? 0.f : expOf(toFloat(row[c]) - maximum) * factor;
    if (c == target) gradient -= scale;
    row[c] = fromFloat<T>(gradient);
  }
}

#define MAKE(T, SUFFIX)                                                                   \
  extern "C" __global__ void __launch_bounds__(1024) cross_entropy_held_##SUFFIX(         \
      T* logits, const int* targets, const float* rowScale, float* losses, int classes) { \
    heldRow<T>(logits, targets, rowScale, losses, classes);                               \
  }                                                                                       \
  extern "C" __global__ void __launch_bounds__(1024) cross_entropy_long_##SUFFIX(         \
      T* logits, const int* targets, const float* rowScale, float* losses, int classes) { \
    longRow<T>(logits, targets, rowScale, losses, classes);                               \
  }
MNEME_FLOATING(MAKE)
