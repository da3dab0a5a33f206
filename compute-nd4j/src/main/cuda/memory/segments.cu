// SPDX-License-Identifier: Apache-2.0
// Sums of rows by key, the rows in the order of their sorted keys: table[key] += Σ factor·row, or
// Σ factor·weight·row. Without weights, a row that a key has several times in turn is read once.
//
// A warp sums a chunk of sorted positions, on a tile of columns. A segment (equal keys) that lies
// within a chunk is added to the table at once. What a chunk has of a segment that goes on before
// or behind it becomes a row of `partials`: 2·chunk for its first segment, 2·chunk + 1 for its
// last. The same kernel then sums these rows by their keys, and so on until one chunk is left. So a
// frequent key is summed by many warps, each row of the table is written by one of them, and the
// order of every sum depends on the keys alone.
#include "packs.cuh"

constexpr int CHUNK = 64;  // as Positions halves[2] below
constexpr int BATCH = 4;
constexpr int NOTHING = -1;

// What leaves a chunk through its borders.
struct Borders {
  bool left;
  bool right;

  // Both borders are meaningless for a key that stands for nothing.
  __device__ Borders(const int* keys, int begin, int end, int count) {
    left = begin > 0 && keys[begin] != NOTHING && keys[begin - 1] == keys[begin];
    right = end < count && keys[end - 1] != NOTHING && keys[end] == keys[end - 1];
  }
};

// The keys of a chunk's two partial rows, and which of them there are. One that is missing takes
// the other's key, so that equal keys stay side by side.
__device__ void writePartialKeys(const int* keys, int begin, int end, int chunk, Borders borders,
                                 int* partialKeys, int* partialOrder) {
  int first = keys[begin];
  int last = keys[end - 1];
  bool second = borders.right && !(borders.left && first == last);
  partialKeys[2 * chunk] = borders.left ? first : second ? last : NOTHING;
  partialKeys[2 * chunk + 1] = second ? last : borders.left ? first : NOTHING;
  partialOrder[2 * chunk] = borders.left ? 2 * chunk : NOTHING;
  partialOrder[2 * chunk + 1] = second ? 2 * chunk + 1 : NOTHING;
}

// A segment's sum on a lane's V columns.
template <int V>
struct Segment {
  float sum[V];
  int key;
  bool first;

  __device__ __forceinline__ void begin(int newKey, bool isFirst) {
#pragma unroll
    for (int v = 0; v < V; v++) sum[v] = 0.f;
    key = newKey;
    first = isFirst;
  }

  __device__ __forceinline__ void end(bool last, Borders borders, float factor, int chunk,
                                      int width, int column, float* table, float* partials) {
    if (key == NOTHING) return;
#pragma unroll
    for (int v = 0; v < V; v++) sum[v] *= factor;
    bool left = first && borders.left;
    if (left || (last && borders.right)) {
      store<float, V>(sum, partials + (2LL * chunk + (left ? 0 : 1)) * width + column);
      return;
    }
    float* target = table + (long long)key * width + column;
    float old[V];
    loadOnce(target, old);
#pragma unroll
    for (int v = 0; v < V; v++) sum[v] += old[v];
    storeOnce(sum, target);
  }
};

// Where the row of selection s begins: those of a group of `slots` selections lie `inner` elements
// apart, the groups `outer`.
struct RowMap {
  int slots;
  long long outer;
  long long inner;

  __device__ __forceinline__ long long operator()(int selection) const {
    int group = selection / slots;
    return group * outer + (selection - group * slots) * inner;
  }
};

// 32 sorted positions of a chunk, one a lane. Without weights those of the same row and key are
// one: the first of them has a bit, and their number as its factor.
struct Positions {
  int key;
  long long row;
  uint first;
  float times;

  __device__ __forceinline__ Positions(const int* keys, const int* order, RowMap map,
                                       const float* weights, int from, int end) {
    int i = from + lane();
    int mine = i < end ? order[i] : NOTHING;
    key = i < end ? keys[i] : NOTHING;
    row = mine < 0 ? NOTHING : map(mine);
    if (weights != nullptr) {
      first = __ballot_sync(0xffffffffu, i < end);
      times = mine < 0 ? 0.f : weights[mine];
      return;
    }
    long long rowBefore = __shfl_up_sync(0xffffffffu, row, 1);
    int keyBefore = __shfl_up_sync(0xffffffffu, key, 1);
    bool isFirst = lane() == 0 || row != rowBefore || key != keyBefore;
    first = __ballot_sync(0xffffffffu, i < end && isFirst);
    // Up to the next one, or to the end.
    uint behind = lane() == 31 ? 0u : first & (0xffffffffu << (lane() + 1));
    int next = behind != 0 ? __ffs(behind) - 1 : end - from < 32 ? end - from : 32;
    times = (float)(next - lane());
  }

  // Takes the next lane; −1 when all are taken.
  __device__ __forceinline__ int next() {
    int result = __ffs(first) - 1;
    first &= first - 1;
    return result;
  }
};

// Sorted positions: count, or where only the device knows, each·*actual of them, and of the partial
// rows of so many levels what they leave.
__device__ __forceinline__ int positionCount(int count, const int* actual, int each, int level) {
  if (actual == nullptr) return count;
  count = *actual * each;
  for (int i = 0; i < level; i++) count = 2 * ((count + CHUNK - 1) / CHUNK);
  return count;
}

// An order of −1 stands for no row.
template <typename T, int V>
__device__ __forceinline__ void segmentSum(const T* __restrict__ rows, RowMap map,
                                           const float* __restrict__ weights,
                                           const int* __restrict__ keys,
                                           const int* __restrict__ order, float factor, int count,
                                           int width, float* __restrict__ table,
                                           float* __restrict__ partials, int* partialKeys,
                                           int* partialOrder) {
  int chunk = blockIdx.x * (blockDim.x >> 5) + warp();
  if ((long long)chunk * CHUNK >= count) return;
  int begin = chunk * CHUNK;
  int end = count - begin < CHUNK ? count : begin + CHUNK;
  int column = (blockIdx.y * 32 + lane()) * V;
  bool active = column < width;
  Borders borders(keys, begin, end, count);
  if (partialKeys != nullptr && blockIdx.y == 0 && lane() == 0) {
    writePartialKeys(keys, begin, end, chunk, borders, partialKeys, partialOrder);
  }
  Segment<V> segment;
  segment.begin(keys[begin], true);
  // Both of them are on their way before the first is looked at.
  Positions halves[2] = {{keys, order, map, weights, begin, end},
                         {keys, order, map, weights, begin + 32, end}};
#pragma unroll
  for (int half = 0; half < 2; half++) {
    Positions& positions = halves[half];
    while (positions.first != 0) {
      Pack<T, V> packs[BATCH];
      int lanes[BATCH];
      bool has[BATCH];
      int keyBefore = segment.key;
#pragma unroll
      for (int i = 0; i < BATCH; i++) {
        lanes[i] = positions.next();
        long long row = __shfl_sync(0xffffffffu, positions.row, lanes[i]);
        int key = __shfl_sync(0xffffffffu, positions.key, lanes[i]);
        has[i] = active && lanes[i] >= 0 && row >= 0;
        if (has[i]) {
          packs[i] = loadPack<V>(rows + row + column);
          if (key != keyBefore) prefetch(table + (long long)key * width + column);
        }
        keyBefore = key;
      }
#pragma unroll
      for (int i = 0; i < BATCH; i++) {
        if (lanes[i] < 0) continue;
        int key = __shfl_sync(0xffffffffu, positions.key, lanes[i]);
        float times = __shfl_sync(0xffffffffu, positions.times, lanes[i]);
        if (key != segment.key) {
          if (active) {
            segment.end(false, borders, factor, chunk, width, column, table, partials);
          }
          segment.begin(key, false);
        }
        if (has[i]) {
          float values[V];
          unpack(packs[i], values);
#pragma unroll
          for (int v = 0; v < V; v++) segment.sum[v] += times * values[v];
        }
      }
    }
  }
  if (active) segment.end(true, borders, factor, chunk, width, column, table, partials);
}

#define MAKE_WIDTH(T, V, name)                                                                 \
  extern "C" __global__ void __launch_bounds__(256, 4)                                         \
      name(const T* rows, int slots, long long outer, long long inner, const float* weights,   \
           const int* keys, const int* order, float factor, int count, const int* actual,      \
           int each, int level, int width, float* table, float* partials, int* partialKeys,    \
           int* partialOrder) {                                                                \
    segmentSum<T, V>(rows, {slots, outer, inner}, weights, keys, order, factor,                \
                     positionCount(count, actual, each, level), width, table, partials,        \
                     partialKeys, partialOrder);                                               \
  }
#define MAKE(T, suffix)                        \
  MAKE_WIDTH(T, 1, segment_sum_1_##suffix)     \
  MAKE_WIDTH(T, 4, segment_sum_4_##suffix)
MNEME_FLOATING(MAKE)
#if MNEME_BF16
MAKE_WIDTH(bf16, 8, segment_sum_8_bf16)
#endif
