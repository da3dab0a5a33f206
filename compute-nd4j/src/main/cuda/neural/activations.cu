// SPDX-License-Identifier: Apache-2.0
// Element-wise sums, and products with silu(g) = g·σ(g), whose derivative is σ·(1 + g·(1 − σ)).
// All of them read 16 bytes at a time where the addresses allow it. Outputs may be in the place of
// inputs, element for element.
#include "packs.cuh"

__device__ __forceinline__ float silu(float gate) {
  return gate * __fdividef(1.f, 1.f + __expf(-gate));
}

// Turns gate and value into their gradients, with dOut that of value·silu(gate). The exponential is
// that of −|gate|, so that it cannot overflow and 1 − σ keeps its digits.
__device__ __forceinline__ void siluGradient(float dOut, float& gate, float& value) {
  float small = __expf(-fabsf(gate));
  float large = __fdividef(1.f, 1.f + small);
  small *= large;
  float sigma = gate >= 0.f ? large : small;
  float rest = gate >= 0.f ? small : large;
  float dGate = dOut * value * sigma * (1.f + gate * rest);
  value = dOut * gate * sigma;
  gate = dGate;
}

// Operations on two elements.
struct Add {
  static __device__ __forceinline__ float of(float a, float b) { return a + b; }
};
struct SiluGate {
  static __device__ __forceinline__ float of(float gate, float value) { return value * silu(gate); }
};

// out[i] = OP(a[i], b[i]) for N consecutive elements.
template <typename T, int N, typename OP>
__device__ __forceinline__ void combine(const T* a, const T* b, T* out) {
  float x[N], y[N];
  load(a, x);
  load(b, y);
#pragma unroll
  for (int i = 0; i < N; i++) y[i] = OP::of(x[i], y[i]);
  store(y, out);
}

template <typename T, typename OP>
__device__ __forceinline__ void combineAll(const T* a, const T* b, T* out, long long count) {
  long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  long long threads = (long long)gridDim.x * blockDim.x;
  long long packs = isWide(a) && isWide(b) && isWide(out) ? count / WIDE<T> : 0;
  for (long long i = thread; i < packs; i += threads) {
    long long at = i * WIDE<T>;
    combine<T, WIDE<T>, OP>(a + at, b + at, out + at);
  }
  for (long long i = packs * WIDE<T> + thread; i < count; i += threads) {
    combine<T, 1, OP>(a + i, b + i, out + i);
  }
}

// The gradients at N consecutive elements.
template <typename T, int N>
__device__ __forceinline__ void gradient(const T* dOut, const T* gate, const T* value, T* dGate,
                                         T* dValue) {
  float d[N], g[N], v[N];
  load(dOut, d);
  load(gate, g);
  load(value, v);
#pragma unroll
  for (int i = 0; i < N; i++) siluGradient(d[i], g[i], v[i]);
  store(g, dGate);
  store(v, dValue);
}

template <typename T>
__device__ __forceinline__ void siluGateBackward(const T* dOut, const T* gate, const T* value,
                                                 T* dGate, T* dValue, long long count) {
  long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  long long threads = (long long)gridDim.x * blockDim.x;
  bool wide = isWide(dOut) && isWide(gate) && isWide(value) && isWide(dGate) && isWide(dValue);
  long long packs = wide ? count / WIDE<T> : 0;
  for (long long i = thread; i < packs; i += threads) {
    long long at = i * WIDE<T>;
    gradient<T, WIDE<T>>(dOut + at, gate + at, value + at, dGate + at, dValue + at);
  }
  for (long long i = packs * WIDE<T> + thread; i < count; i += threads) {
    gradient<T, 1>(dOut + i, gate + i, value + i, dGate + i, dValue + i);
  }
}

// A block for each row: gateUp [rows, 2·half] holds the gates of a row, then its values.
template <typename T>
__device__ __forceinline__ void swiGlu(const T* gateUp, T* out, int half) {
  const T* gate = gateUp + (long long)blockIdx.x * 2 * half;
  T* to = out + (long long)blockIdx.x * half;
  bool wide = half % WIDE<T> == 0 && isWide(gateUp) && isWide(out);
  int done = wide ? half : 0;
  for (int c = threadIdx.x * WIDE<T>; c < done; c += blockDim.x * WIDE<T>) {
    combine<T, WIDE<T>, SiluGate>(gate + c, gate + half + c, to + c);
  }
  for (int c = done + threadIdx.x; c < half; c += blockDim.x) {
    combine<T, 1, SiluGate>(gate + c, gate + half + c, to + c);
  }
}

template <typename T>
__device__ __forceinline__ void swiGluBackward(const T* dOut, const T* gateUp, T* dGateUp,
                                               int half) {
  const T* d = dOut + (long long)blockIdx.x * half;
  const T* gate = gateUp + (long long)blockIdx.x * 2 * half;
  T* dGate = dGateUp + (long long)blockIdx.x * 2 * half;
  bool wide = half % WIDE<T> == 0 && isWide(dOut) && isWide(gateUp) && isWide(dGateUp);
  int done = wide ? half : 0;
  for (int c = threadIdx.x * WIDE<T>; c < done; c += blockDim.x * WIDE<T>) {
    gradient<T, WIDE<T>>(d + c, gate + c, gate + half + c, dGate + c, dGate + half + c);
  }
  for (int c = done + threadIdx.x; c < half; c += blockDim.x) {
    gradient<T, 1>(d + c, gate + c, gate + half + c, dGate + c, dGate + half + c);
  }
}

#define MAKE(T, SUFFIX)                                                                     \
  extern "C" __global__ void __launch_bounds__(256)                                         \
      add_##SUFFIX(const T* a, const T* b, T* out, long long count) {                       \
    combineAll<T, Add>(a, b, out, count);                                                   \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256)                                         \
      silu_gate_##SUFFIX(const T* gate, const T* value, T* out, long long count) {          \
    combineAll<T, SiluGate>(gate, value, out, count);                                       \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256) silu_gate_backward_##SUFFIX(            \
      const T* dOut, const T* gate, const T* value, T* dGate, T* dValue, long long count) { \
    siluGateBackward<T>(dOut, gate, value, dGate, dValue, count);                           \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256)                                         \
      swi_glu_##SUFFIX(const T* gateUp, T* out, int half) {                                 \
    swiGlu<T>(gateUp, out, half);                                                           \
  }                                                                                         \
  extern "C" __global__ void __launch_bounds__(256)                                         \
      swi_glu_backward_##SUFFIX(const T* dOut, const T* gateUp, T* dGateUp, int half) {     \
    swiGluBackward<T>(dOut, gateUp, dGateUp, half);                                         \
  }
MNEME_FLOATING(MAKE)
