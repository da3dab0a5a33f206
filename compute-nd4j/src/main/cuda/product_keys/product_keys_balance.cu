// SPDX-License-Identifier: Apache-2.0
// The balance loss of product keys. Scores are in memory as in product_keys.cu.
#include "product_keys.cuh"

// Adds to counts [halves, n] how often sub-keys are among indices [rows, heads, selected]: one block
// for a slab of rows, a half and a range of sub-keys. A sub-key may have most of the selections, and
// atomics on one address of global memory wait for each other: a block counts in shared memory.
extern "C" __global__ void count_sub_keys(const int* indices, int rows, int n, int selected,
                                          int slabRows, int range, int* counts) {
  extern __shared__ int counted[];
  int half = blockIdx.y;
  int heads = gridDim.y / 2;
  int first = blockIdx.z * range;
  for (int k = threadIdx.x; k < range; k += blockDim.x) counted[k] = 0;
  __syncthreads();
  int from = blockIdx.x * slabRows;
  int selections = min(rows - from, slabRows) * selected;
  for (int i = threadIdx.x; i < selections; i += blockDim.x) {
    long long row = (long long)(from + i / selected) * heads + half / 2;
    uint index = (uint)indices[row * selected + i % selected];
    uint k = (half % 2 == 0 ? index / n : index % n) - first;
    if (k < (uint)range) atomicAdd(counted + k, 1);
  }
  __syncthreads();
  for (int k = threadIdx.x; k < min(range, n - first); k += blockDim.x) {
    int count = counted[k];
    if (count != 0) atomicAdd(counts + (long long)half * n + first + k, count);
  }
}

// Sums of probabilities over slabs of rows: partial [slabs, halves, n], one slab for each z.
extern "C" __global__ void probability_sums(const float* scores, const float* logSumExp, int rows,
                                            int n, int slabRows, float* partial) {
  int k = blockIdx.x * blockDim.x + threadIdx.x;
  if (k >= n) return;
  int half = blockIdx.y;
  int halves = gridDim.y;
  int from = blockIdx.z * slabRows;
  int to = min(rows, from + slabRows);
  float sum = 0;
  for (int row = from; row < to; row++) {
    float score = scores[((long long)half * rows + row) * n + k];
    sum += expf(score - logSumExp[(long long)row * halves + half]);
  }
  partial[((long long)blockIdx.z * halves + half) * n + k] = sum;
}

// share and meanProbability, both of `length` elements, from counts and partial sums.
extern "C" __global__ void balance_statistics(const int* counts, const float* partial, int slabs,
                                              int length, float perSelection, float perPosition,
                                              float* share, float* meanProbability) {
  alignas(16) __shared__ SlabSums sums;
  addSlabsOfWarp(partial, slabs, length, sums);
  for (int column = threadIdx.x; column < SLAB_COLUMNS; column += blockDim.x) {
    int i = blockIdx.x * SLAB_COLUMNS + column;
    if (i >= length) continue;
    share[i] = counts[i] * perSelection;
    meanProbability[i] = columnSum(sums, column) * perPosition;
  }
}

// out += factor·Σ share·meanProbability, by one block.
extern "C" __global__ void balance_loss(const float* share, const float* meanProbability,
                                        int length, float factor, float* out) {
  float sum = 0;
  for (int i = threadIdx.x; i < length; i += blockDim.x) sum += share[i] * meanProbability[i];
  sum = blockSum(sum);
  if (threadIdx.x == 0) *out += factor * sum;
}
