// SPDX-License-Identifier: Apache-2.0
// Memory entries addressed by the tokens before a position: their addresses, what stands there, the
// weights of the tokens read, and the votes by which entries take what followed. A thread for each
// selection (position and slot), if nothing else is said.
#include "hash.cuh"

constexpr int THREADS = 256;
constexpr int ROWS = 128;  // Positions of a block of place_bias_parts.

__device__ __forceinline__ long long thread() {
  return (long long)blockIdx.x * THREADS + threadIdx.x;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    context_addresses(const int* ids, const int* lengths, long long selections, int sequence,
                      int slots, long long entries, int* indices, int* tags) {
  long long at = thread();
  if (at >= selections) return;
  long long position = at / slots;
  int before = (int)(position % sequence);
  int length = lengths[at % slots];
  u64 hash = mix((u64)length);
  for (int j = 0; j < length; j++) {
    long long token = j <= before ? ids[position - j] : -1;
    hash = mix(hash + GOLDEN * (u64)(token + 2));
  }
  indices[at] = (int)((hash >> 1) % (u64)entries);
  tags[at] = (int)(uint)mix(hash);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    look_up_contexts(const int* bank, const int* owners, const int* votes, const int* origins,
                     const int* indices, const int* tags, const int* sources, long long selections,
                     int slots, int places, int* tokens, int* kinds) {
  long long at = thread();
  if (at >= selections) return;
  long long entry = indices[at];
  int source = sources ? sources[at / slots] : 0;
  bool own = source != 0 && origins[entry] == source;
  kinds[at] = owners[entry] == tags[at] && !own ? votes[entry] : 0;
  for (int k = 0; k < places; k++) tokens[at * places + k] = bank[entry * places + k];
}

template <typename T>
__device__ __forceinline__ void placeWeights(const T* logits, const int* kinds, const float* bias,
                                             long long selections, int slots, int places,
                                             int classes, float* weights, float* slotWeights) {
  long long at = thread();
  if (at >= selections) return;
  int kind = min(kinds[at], classes);
  int column = (int)(at % slots) * places;
  float sum = 0.f;
  for (int k = 0; k < places; k++) {
    float w = 0.f;
    if (kind > 0) {
      long long of = (long long)(column + k) * classes + kind - 1;
      float x = toFloat(logits[at * places + k]) + bias[of];
      w = 1.f / (1.f + expf(-x));
    }
    weights[at * places + k] = w;
    sum += w;
  }
  slotWeights[at] = sum;
}

// A thread for each weight.
template <typename T>
__device__ __forceinline__ void logitGradient(const float* dLogWeights, const float* weights,
                                              long long count, T* dLogits) {
  long long at = thread();
  if (at < count) dLogits[at] = fromFloat<T>(dLogWeights[at] * (1.f - weights[at]));
}

#define MAKE(T, SUFFIX)                                                                           \
  extern "C" __global__ void __launch_bounds__(THREADS) place_weights_##SUFFIX(                   \
      const T* logits, const int* kinds, const float* bias, long long selections, int slots,      \
      int places, int classes, float* weights, float* slotWeights) {                              \
    placeWeights<T>(logits, kinds, bias, selections, slots, places, classes, weights,             \
                    slotWeights);                                                                 \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) place_logit_gradient_##SUFFIX(            \
      const float* dLogWeights, const float* weights, long long count, T* dLogits) {              \
    logitGradient<T>(dLogWeights, weights, count, dLogits);                                       \
  }
MNEME_FLOATING(MAKE)

// Sums the gradients of biases over ROWS positions. A thread for each column (slot and place), so
// that the order of the additions is that of the positions.
extern "C" __global__ void __launch_bounds__(THREADS)
    place_bias_parts(const float* dLogWeights, const int* kinds, const float* weights,
                     long long rows, int slots, int places, int classes, float* parts) {
  int columns = slots * places;
  int column = (int)(blockIdx.x * blockDim.x + threadIdx.x);
  if (column >= columns) return;
  float* part = parts + ((long long)blockIdx.y * columns + column) * classes;
  for (int c = 0; c < classes; c++) part[c] = 0.f;
  long long from = (long long)blockIdx.y * ROWS;
  long long to = from + ROWS < rows ? from + ROWS : rows;
  for (long long row = from; row < to; row++) {
    int kind = min(kinds[row * slots + column / places], classes);
    long long at = row * columns + column;
    if (kind > 0) part[kind - 1] += dLogWeights[at] * (1.f - weights[at]);
  }
}

// Adds the parts in order. A thread for each bias.
extern "C" __global__ void __launch_bounds__(THREADS)
    place_bias_sum(const float* parts, int blocks, int size, float* dBias) {
  long long at = thread();
  if (at >= size) return;
  float sum = 0.f;
#pragma unroll 8
  for (int b = 0; b < blocks; b++) sum += parts[(long long)b * size + at];
  dBias[at] += sum;
}

// The last candidate of each entry: the largest number does not depend on the order of the threads.
extern "C" __global__ void __launch_bounds__(THREADS)
    latest_contexts(const int* ids, const int* indices, long long selections, int sequence,
                    int slots, int places, int firstRow, int excluded, int* latest) {
  long long at = thread();
  if (at >= selections || indices[at] < firstRow) return;
  long long position = at / slots;
  bool usable = (int)(position % sequence) < sequence - places;
  for (int k = 1; usable && k <= places; k++) usable = ids[position + k] != excluded;
  if (usable) atomicMax(latest + indices[at], (int)at);
}

// The last candidates vote. Only they touch their entry; others see a number that is not theirs.
extern "C" __global__ void __launch_bounds__(THREADS)
    remember_contexts(const int* ids, const int* indices, const int* tags, const int* sources,
                      long long selections, int slots, int places, int mostVotes, int* latest,
                      int* bank, int* owners, int* votes, int* origins) {
  long long at = thread();
  if (at >= selections) return;
  long long entry = indices[at];
  if (latest[entry] != (int)at) return;
  latest[entry] = -1;
  const int* next = ids + at / slots + 1;
  int* tokens = bank + entry * places;
  int count = votes[entry];
  bool owner = count > 0 && owners[entry] == tags[at];
  int source = sources ? sources[at / slots] : 0;
  if (owner && source != 0 && origins[entry] == source) return;
  bool agrees = owner && tokens[0] == next[0];
  count = agrees ? min(count + 1, mostVotes) : count - 1;
  bool replaced = count <= 0;
  votes[entry] = replaced ? 1 : count;
  if (replaced) owners[entry] = tags[at];
  if (agrees || replaced) {
    for (int k = 0; k < places; k++) tokens[k] = next[k];
    if (origins) origins[entry] = source;
  }
}
