// SPDX-License-Identifier: Apache-2.0
// The gradient of z = [q ; w₁m₁ ; … ; w_S m_S]: dq (+)= dz, dLogWeights = ⟨dz, z⟩ and, of selections
// sorted by entry, Σ w·dz over each run of an entry (see selections.cuh): a row of `sums` a run, in
// the order of the runs. All that many selections have in common is then done once for each run.
#include "packs.cuh"
#include "selections.cuh"

// counts[chunk] = the runs of each chunk; one more, of nothing.
extern "C" __global__ void __launch_bounds__(256)
    count_runs_i32(const int* order, const int* indices, int count, int* counts) {
  long long number = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (number * 32 >= count + 32LL) return;
  int runs = 0;
  if (number * 32 < count) runs = __popc(Chunk(order, indices, number, count).runs);
  if (lane() == 0) counts[number] = runs;
}

// tokens[run, k] = bank[entry of the run, k]. The runs of a chunk begin at firstRuns[chunk].
extern "C" __global__ void __launch_bounds__(256)
    run_tokens_i32(const int* order, const int* indices, int count, const int* firstRuns,
                   const int* bank, int places, int* tokens) {
  long long number = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  if (number * 32 >= count) return;
  Chunk chunk(order, indices, number, count);
  long long run = firstRuns[number];
  for (uint runs = chunk.runs; runs != 0; runs &= runs - 1, run++) {
    int entry = __shfl_sync(0xffffffffu, chunk.entry, __ffs(runs) - 1);
    for (int k = lane(); k < places; k += 32) {
      tokens[run * places + k] = bank[(long long)entry * places + k];
    }
  }
}

// dq = dz or dq += dz, by row; all warps of the grid share the rows.
template <typename T, int V>
__device__ __forceinline__ void queryGradient(const T* __restrict__ dz, long long positions,
                                              int dim, long long row, int add, long long first,
                                              long long step, T* __restrict__ dq) {
  for (long long n = first; n < positions; n += step) {
    for (int i = lane() * V; i < dim; i += 32 * V) {
      float gradient[V];
      loadFloats<T, V>(dz + n * row + i, gradient);
      if (add) {
        float old[V];
        loadFloats<T, V>(dq + n * dim + i, old);
#pragma unroll
        for (int v = 0; v < V; v++) gradient[v] += old[v];
      }
      storePack<T, V>(gradient, dq + n * dim + i);
    }
  }
}

// A lane's columns of a row, V of them side by side, TILES times.
template <typename T, int V, int TILES>
struct Columns {
  Pack<T, V> packs[TILES];

  __device__ __forceinline__ void load(const T* row, int column, int width) {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
      if (column + t * 32 * V < width) packs[t] = loadPackOnce<V>(row + column + t * 32 * V);
    }
  }
};

// A run's sum on a lane's columns.
template <typename T, int V, int TILES>
struct RunSum {
  float at[TILES][V];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
#pragma unroll
      for (int v = 0; v < V; v++) at[t][v] = 0.f;
    }
  }

  // Adds weight·gradient; returns ⟨gradient, forward⟩ on these columns.
  __device__ __forceinline__ float add(float weight, const Columns<T, V, TILES>& gradient,
                                       const Columns<T, V, TILES>& forward, int column,
                                       int width) {
    float dot = 0.f;
#pragma unroll
    for (int t = 0; t < TILES; t++) {
      if (column + t * 32 * V >= width) continue;
      float dz[V];
      float z[V];
      unpack(gradient.packs[t], dz);
      unpack(forward.packs[t], z);
#pragma unroll
      for (int v = 0; v < V; v++) {
        dot += dz[v] * z[v];
        at[t][v] += weight * dz[v];
      }
    }
    return dot;
  }

  __device__ __forceinline__ void write(T* row, int column, int width) {
#pragma unroll
    for (int t = 0; t < TILES; t++) {
      if (column + t * 32 * V < width) storePack<T, V>(at[t], row + column + t * 32 * V);
    }
  }
};

// sums may be null: only dq and dLogWeights are wanted.
template <typename T, int V, int TILES>
__device__ __forceinline__ void concatGradient(
    const T* __restrict__ dz, const T* __restrict__ z, const float* __restrict__ weights,
    const int* __restrict__ order, const int* __restrict__ indices,
    const int* __restrict__ firstRuns, long long positions, int dim, int slots, int width, int add,
    T* __restrict__ dq, T* __restrict__ sums, float* __restrict__ dLogWeights) {
  constexpr int BATCH = TILES == 1 ? 4 : 2;
  long long warps = (long long)gridDim.x * (blockDim.x >> 5);
  long long number = (long long)blockIdx.x * (blockDim.x >> 5) + warp();
  long long count = positions * slots;
  if (number * 32 < count) {
    Chunk chunk(order, indices, number, count);
    float weight = lane() < chunk.length ? weights[chunk.selection] : 0.f;
    long long offset = readOffset(chunk.selection, dim, slots, width);
    T* firstSum = sums == nullptr ? nullptr : sums + (long long)firstRuns[number] * width;
    float dots = 0.f;
    for (int first = 0; first < width; first += 32 * V * TILES) {
      int column = first + lane() * V;
      T* target = firstSum;
      RunSum<T, V, TILES> sum;
      sum.clear();
      for (int from = 0; from < chunk.length; from += BATCH) {
        Columns<T, V, TILES> gradients[BATCH];
        Columns<T, V, TILES> forwards[BATCH];
#pragma unroll
        for (int i = 0; i < BATCH; i++) {
          // Behind the last one, the lanes hold selection 0, which may be read in vain.
          long long at = __shfl_sync(0xffffffffu, offset, (from + i) & 31);
          gradients[i].load(dz + at, column, width);
          forwards[i].load(z + at, column, width);
        }
#pragma unroll
        for (int i = 0; i < BATCH; i++) {
          int at = from + i;
          if (at >= chunk.length) break;
          if (sums != nullptr && at > 0 && (chunk.runs >> at & 1)) {
            sum.write(target, column, width);
            target += width;
            sum.clear();
          }
          float factor = __shfl_sync(0xffffffffu, weight, at);
          float dot = warpSum(sum.add(factor, gradients[i], forwards[i], column, width));
          if (lane() == at) dots += dot;
        }
      }
      if (sums != nullptr) sum.write(target, column, width);
    }
    if (lane() < chunk.length) dLogWeights[chunk.selection] = dots;
  }
  queryGradient<T, V>(dz, positions, dim, dim + (long long)slots * width, add, number, warps, dq);
}

#define MAKE_WIDTH(T, V, TILES, name)                                                           \
  extern "C" __global__ void __launch_bounds__(256)                                             \
      name(const T* dz, const T* z, const float* weights, const int* order, const int* indices, \
           const int* firstRuns, long long positions, int dim, int slots, int width, int add,   \
           T* dq, T* sums, float* dLogWeights) {                                                \
    concatGradient<T, V, TILES>(dz, z, weights, order, indices, firstRuns, positions, dim,      \
                                slots, width, add, dq, sums, dLogWeights);                      \
  }
#define MAKE(T, suffix)                                 \
  MAKE_WIDTH(T, 1, 1, concat_gradient_1x1_##suffix)     \
  MAKE_WIDTH(T, 4, 1, concat_gradient_4x1_##suffix)     \
  MAKE_WIDTH(T, 4, 2, concat_gradient_4x2_##suffix)
MNEME_FLOATING(MAKE)
#if MNEME_BF16
MAKE_WIDTH(bf16, 8, 2, concat_gradient_8x2_bf16)
#endif
