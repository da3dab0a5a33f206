// SPDX-License-Identifier: Apache-2.0
// The balance loss of product keys. Scores are in memory as in product_keys.cu.
#include "product_keys.cuh"

// Adds to counts [halves, n] how often sub-keys are among indices [rows, heads, selected]: one block
// for a slab of rows, a half and a range of sub-keys. A sub-key may have most of the selections, and
// atomics on one address of global memory wait for each other: a block counts in shared memory.
// Rows whose valid is 0 do not count; valid may be null.
extern "C" __global__ void count_sub_keys(const int* indices, const int* valid, int rows, int n,
                                          int selected, int slabRows, int range, int* counts) {
  extern __shared__ int counted[];
  int half = blockIdx.y;
  int heads = gridDim.y / 2;
  int first = blockIdx.z * range;
  for (int k = threadIdx.x; k < range; k += blockDim.x) counted[k] = 0;
  __syncthreads();
  int from = blockIdx.x * slabRows;
  int selections = min(rows - from, slabRows) * selected;
  for (int i = threadIdx.x; i < selections; i += blockDim.x) {
    int position = from + i / selected;
    if (valid != nullptr && valid[position] == 0) continue;
    long long row = (long long)position * heads + half / 2;
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

// weight[0] = 1 / the number of rows whose valid is not 0, by one block; 1 if there is none.
extern "C" __global__ void row_weight(const int* valid, int rows, float* weight) {
  float count = 0;
  for (int row = threadIdx.x; row < rows; row += blockDim.x) count += valid[row] != 0 ? 1.f : 0.f;
  count = blockSum(count);
  if (threadIdx.x == 0) weight[0] = 1.f / fmaxf(count, 1.f);
}

// logSumExp [rows, halves] = infinity where valid is 0: all probabilities of such a row are 0, here
// and in the gradient.
extern "C" __global__ void mask_rows(const int* valid, int rows, int halves, float* logSumExp) {
  long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < (long long)rows * halves && valid[i / halves] == 0) logSumExp[i] = MNEME_INFINITY;
}

// scaled [length] = share·factor·weight[0].
extern "C" __global__ void scale_share(const float* share, const float* weight, float factor,
                                       int length, float* scaled) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < length) scaled[i] = share[i] * (factor * weight[0]);
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

// share and meanProbability, both of `length` elements, from counts and partial sums. Where weight is
// not null, it is what a position counts.
extern "C" __global__ void balance_statistics(const int* counts, const float* partial, int slabs,
                                              int length, float perSelection, float perPosition,
                                              const float* weight, int selected, float* share,
                                              float* meanProbability) {
  alignas(16) __shared__ SlabSums sums;
  if (weight != nullptr) {
    perPosition = weight[0];
    perSelection = perPosition / selected;
  }
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
