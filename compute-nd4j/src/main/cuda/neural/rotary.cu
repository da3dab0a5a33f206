// SPDX-License-Identifier: Apache-2.0
// Rotary positions: turns the interleaved pairs of the first columns of each row by the angles of
// the row's position, in place. A warp for each row.
#include "packs.cuh"

// Turns N / 2 pairs; angles are cosines and sines in turn.
template <int N>
__device__ __forceinline__ void turn(float (&x)[N], const float (&angles)[N], float sign) {
#pragma unroll
  for (int i = 0; i < N; i += 2) {
    float even = x[i];
    float odd = x[i + 1];
    float sine = sign * angles[i + 1];
    x[i] = even * angles[i] - odd * sine;
    x[i + 1] = even * sine + odd * angles[i];
  }
}

// Packs of a row that a lane has in flight.
constexpr int FLIGHT = 4;

// rotated is a multiple of headDim, and headDim one of the pack.
template <typename T>
__device__ __forceinline__ void turnPacks(T* row, const float* angles, int headDim, int rotated,
                                          float sign) {
  constexpr int N = WIDE<T>;
  for (int first = lane() * N; first < rotated; first += FLIGHT * 32 * N) {
    float x[FLIGHT][N];
#pragma unroll
    for (int f = 0; f < FLIGHT; f++) {
      int c = first + f * 32 * N;
      if (c < rotated) load(row + c, x[f]);
    }
#pragma unroll
    for (int f = 0; f < FLIGHT; f++) {
      int c = first + f * 32 * N;
      if (c < rotated) {
        float a[N];
        load(angles + c % headDim, a);
        turn(x[f], a, sign);
        store(x[f], row + c);
      }
    }
  }
}

template <typename T>
__device__ __forceinline__ void turnPairs(T* row, const float* angles, int headDim, int rotated,
                                          float sign) {
  for (int c = lane() * 2; c < rotated; c += 64) {
    float x[2] = {toFloat(row[c]), toFloat(row[c + 1])};
    const float* angle = angles + c % headDim;
    float a[2] = {angle[0], angle[1]};
    turn(x, a, sign);
    row[c] = fromFloat<T>(x[0]);
    row[c + 1] = fromFloat<T>(x[1]);
  }
}

template <typename T>
__device__ __forceinline__ void rotary(T* x, const float* __restrict__ table, int rows,
                                       int columns, int sequence, int headDim, int rotatedHeads,
                                       int firstPosition, float sign) {
  uint index = blockIdx.x * (blockDim.x >> 5) + warp();
  if (index >= (uint)rows) return;
  T* row = x + (long long)index * columns;
  long long position = firstPosition + index % (uint)sequence;
  const float* angles = table + position * headDim;
  bool wide = isWide(x) && isWide(table) && columns % WIDE<T> == 0 && headDim % WIDE<T> == 0;
  if (wide) {
    turnPacks(row, angles, headDim, rotatedHeads * headDim, sign);
  } else {
    turnPairs(row, angles, headDim, rotatedHeads * headDim, sign);
  }
}

#define MAKE(T, SUFFIX)                                                                       \
  extern "C" __global__ void __launch_bounds__(256)                                           \
      rotary_##SUFFIX(T* x, const float* __restrict__ table, int rows, int columns,           \
                      int sequence, int headDim, int rotatedHeads, int firstPosition,         \
                      float sign) {                                                           \
    rotary<T>(x, table, rows, columns, sequence, headDim, rotatedHeads, firstPosition, sign); \
  }
MNEME_FLOATING(MAKE)
