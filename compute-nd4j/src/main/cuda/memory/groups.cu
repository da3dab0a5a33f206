// SPDX-License-Identifier: Apache-2.0
// Groups of selections of the same entry: their borders, and the means of their features.
#include "scan.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;
constexpr int ITEMS = 8;
constexpr uint TILE = THREADS * ITEMS;

// counts[indices[r]] += 1 where the index is not negative.
extern "C" __global__ void count_indices_i32(const int* indices, long long n, int* counts) {
  long long r = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (r < n && indices[r] >= 0) atomicAdd(&counts[indices[r]], 1);
}

// out[r] = indices[r], or -1 where the valid of its group of `each` selections is 0.
extern "C" __global__ void mask_selections_i32(const int* indices, const int* valid, long long n,
                                               long long each, int* out) {
  long long r = (long long)blockIdx.x * blockDim.x + threadIdx.x;
  if (r < n) out[r] = valid[r / each] != 0 ? indices[r] : -1;
}

// Whether the sorted key at a position is the first of a group that is neither frozen nor that of
// selections that are left out, whose key is -1.
__device__ __forceinline__ bool beginsGroup(const int* keys, uint at, long long firstRow) {
  int key = keys[at];
  return key >= firstRow && (at == 0 || keys[at - 1] != key);
}

// counts[block] = groups that begin in the block's tile; counts[tiles] = 0.
extern "C" __global__ void __launch_bounds__(THREADS)
    group_count_i32(const int* keys, int n, long long firstRow, int* counts) {
  uint first = blockIdx.x * TILE;
  int count = 0;
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    if (at < (uint)n && beginsGroup(keys, at, firstRow)) count++;
  }
  int total;
  blockExclusiveSum(count, total);
  if (threadIdx.x == 0) {
    counts[blockIdx.x] = total;
    if (blockIdx.x == 0) counts[gridDim.x] = 0;
  }
}

// The first position whose key is at least firstRow, or n. Keys of -1 come last.
__device__ int firstMember(const int* keys, int n, long long firstRow) {
  int low = 0;
  int high = n;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if ((uint)keys[middle] < firstRow) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Writes the groups of the keys sorted in sortedOrder. groups[block] = groups before the block's
// tile, groups[tiles] = all.
extern "C" __global__ void __launch_bounds__(THREADS)
    group_write_i32(const int* keys, const int* sortedOrder, int n, long long firstRow,
                    const int* groups, int* order, int* entries, int* starts) {
  __shared__ int frozen;
  __shared__ int end;
  if (threadIdx.x == 0) {
    frozen = firstRow > 0 ? firstMember(keys, n, firstRow) : 0;
    end = keys[n - 1] < 0 ? firstMember(keys, n, 1LL << 31) : n;
  }
  __syncthreads();
  uint first = blockIdx.x * TILE;
  int group = groups[blockIdx.x];
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    bool begins = at < (uint)n && beginsGroup(keys, at, firstRow);
    int total;
    int before = blockExclusiveSum(begins, total);
    if (begins) {
      entries[group + before] = keys[at];
      starts[group + before] = (int)at - frozen;
    }
    group += total;
    if (at < (uint)end && (int)at >= frozen) order[at - frozen] = sortedOrder[at];
  }
  if (blockIdx.x == 0 && threadIdx.x == 0) starts[groups[gridDim.x]] = max(end - frozen, 0);
}

// Where the features of selections lie.
struct Features {
  const int* valid;  // Of each row modulo `validities`; null if all are valid.
  int validities;
  int width;
  int slots;
  int sequence;
  int shift;

  // The feature row of a selection, or -1 if its sequence ends before the shift or it is not valid.
  __device__ __forceinline__ int rowOf(int selection) const {
    int row = selection / slots;
    if (shift >= sequence - row % sequence) return -1;
    row += shift;
    return valid == nullptr || valid[row % validities] != 0 ? row : -1;
  }
};

// A group of more selections than this is summed in parts of this many, by different warps.
constexpr int PART = 256;

// Sums the columns … column + N of the features of selections[0 … count) in order; returns how many
// there are. A warp's lanes have neighbouring columns; a lane behind the last one adds nothing.
template <typename T, int N>
__device__ __forceinline__ int sumFeatures(const T* features, const Features& of,
                                           const int* selections, int count, int column,
                                           float (&sum)[N]) {
  constexpr int FLIGHT = 4;  // Rows that are loaded at a time.
#pragma unroll
  for (int c = 0; c < N; c++) sum[c] = 0.f;
  int found = 0;
  for (int from = 0; from < count; from += 32) {
    int at = from + lane();
    int row = at < count ? of.rowOf(selections[at]) : -1;
    uint rows = __ballot_sync(0xffffffffu, row >= 0);
    found += __popc(rows);
    for (int first = 0; first < min(32, count - from); first += FLIGHT) {
      float x[FLIGHT][N];
#pragma unroll
      for (int i = 0; i < FLIGHT; i++) {
        int source = __shfl_sync(0xffffffffu, row, first + i);
        if (source >= 0 && column < of.width) {
          load<T, N>(features + (long long)source * of.width + column, x[i]);
        } else {
#pragma unroll
          for (int c = 0; c < N; c++) x[i][c] = 0.f;
        }
      }
#pragma unroll
      for (int i = 0; i < FLIGHT; i++) {
#pragma unroll
        for (int c = 0; c < N; c++) sum[c] += x[i][c];
      }
    }
  }
  return found;
}

template <int N>
__device__ __forceinline__ void storeMean(const float (&sum)[N], int count, float* mean) {
  float factor = count > 0 ? 1.f / count : 0.f;
  float x[N];
#pragma unroll
  for (int c = 0; c < N; c++) x[c] = sum[c] * factor;
  store<float, N>(x, mean);
}

// The groups too long for one warp. Which place one gets does not matter to its result.
struct Parts {
  int* sizes;         // [2]: parts, groups.
  int* parts;         // [parts, 3]: group, number of the part, features found in it.
  int* groups;        // [groups, 2]: group, its first part.
  float* sums;        // [parts, width].
};

template <typename T, int N>
__device__ __forceinline__ void meanOfGroup(const T* features, Features of, const int* order,
                                            const int* starts, int groups, Parts parts,
                                            float* means, float* counts) {
  int strips = (of.width + 32 * N - 1) / (32 * N);
  long long task = (long long)blockIdx.x * WARPS + warp();
  int group = (int)(task / strips);
  int strip = (int)(task % strips);
  if (group >= groups) return;
  int start = starts[group];
  int count = starts[group + 1] - start;
  if (count > PART) {
    if (strip > 0 || lane() > 0) return;
    int needed = (count + PART - 1) / PART;
    int first = atomicAdd(&parts.sizes[0], needed);
    int place = atomicAdd(&parts.sizes[1], 1);
    parts.groups[2 * place] = group;
    parts.groups[2 * place + 1] = first;
    for (int part = 0; part < needed; part++) {
      parts.parts[3 * (first + part)] = group;
      parts.parts[3 * (first + part) + 1] = part;
    }
    return;
  }
  int column = (strip * 32 + lane()) * N;
  float sum[N];
  int found = sumFeatures<T, N>(features, of, order + start, count, column, sum);
  if (column < of.width) storeMean<N>(sum, found, means + (long long)group * of.width + column);
  if (strip == 0 && lane() == 0) counts[group] = (float)found;
}

template <typename T, int N>
__device__ __forceinline__ void sumParts(const T* features, Features of, const int* order,
                                         const int* starts, Parts parts) {
  int strips = (of.width + 32 * N - 1) / (32 * N);
  long long tasks = (long long)parts.sizes[0] * strips;
  long long warps = (long long)gridDim.x * WARPS;
  for (long long task = (long long)blockIdx.x * WARPS + warp(); task < tasks; task += warps) {
    int part = (int)(task / strips);
    int strip = (int)(task % strips);
    int group = parts.parts[3 * part];
    int start = starts[group] + parts.parts[3 * part + 1] * PART;
    int count = min(PART, starts[group + 1] - start);
    int column = (strip * 32 + lane()) * N;
    float sum[N];
    int found = sumFeatures<T, N>(features, of, order + start, count, column, sum);
    if (column < of.width) store<float, N>(sum, parts.sums + (long long)part * of.width + column);
    if (strip == 0 && lane() == 0) parts.parts[3 * part + 2] = found;
  }
}

// A warp for each group and strip of 32·N columns; long groups are put on the list of parts. With
// wide, rows of features and means can be moved 16 bytes at a time.
#define MAKE_SCATTER_MEAN(T, name)                                                                \
  extern "C" __global__ void __launch_bounds__(THREADS) scatter_mean_##name(                      \
      const T* features, const int* valid, int validities, int width, int slots, int sequence, int shift, int wide,                 \
      const int* order, const int* starts, int groups, int* sizes, int* partList, int* groupList, \
      float* sums, float* means, float* counts) {                                                 \
    Features of{valid, validities, width, slots, sequence, shift};                                                   \
    Parts parts{sizes, partList, groupList, sums};                                                \
    if (wide) {                                                                                   \
      meanOfGroup<T, 16 / sizeof(T)>(features, of, order, starts, groups, parts, means, counts);  \
    } else {                                                                                      \
      meanOfGroup<T, 1>(features, of, order, starts, groups, parts, means, counts);               \
    }                                                                                             \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(THREADS) scatter_mean_parts_##name(                \
      const T* features, const int* valid, int validities, int width, int slots, int sequence, int shift, int wide,                 \
      const int* order, const int* starts, int* sizes, int* partList, int* groupList,             \
      float* sums) {                                                                              \
    Features of{valid, validities, width, slots, sequence, shift};                                                   \
    Parts parts{sizes, partList, groupList, sums};                                                \
    if (wide) {                                                                                   \
      sumParts<T, 16 / sizeof(T)>(features, of, order, starts, parts);                            \
    } else {                                                                                      \
      sumParts<T, 1>(features, of, order, starts, parts);                                         \
    }                                                                                             \
  }
MNEME_FLOATING(MAKE_SCATTER_MEAN)

// The means of the long groups from the sums of their parts, in order: a warp for each group and
// 32 columns.
extern "C" __global__ void __launch_bounds__(THREADS)
    scatter_mean_join_f32(int width, const int* starts, const int* sizes, const int* partList,
                          const int* groupList, const float* sums, float* means, float* counts) {
  int strips = (width + 31) / 32;
  long long tasks = (long long)sizes[1] * strips;
  long long warps = (long long)gridDim.x * WARPS;
  for (long long task = (long long)blockIdx.x * WARPS + warp(); task < tasks; task += warps) {
    int place = (int)(task / strips);
    int column = (int)(task % strips) * 32 + lane();
    int group = groupList[2 * place];
    int first = groupList[2 * place + 1];
    int parts = (starts[group + 1] - starts[group] + PART - 1) / PART;
    float sum = 0.f;
    int found = 0;
#pragma unroll 8
    for (int part = first; part < first + parts; part++) {
      found += partList[3 * part + 2];
      sum += column < width ? sums[(long long)part * width + column] : 0.f;
    }
    if (column < width) {
      means[(long long)group * width + column] = found > 0 ? sum * (1.f / found) : 0.f;
    }
    if (column == 0) counts[group] = (float)found;
  }
}

// The Euclidean norm of a row, by a warp.
template <typename T>
__device__ __forceinline__ float rowNorm(const T* row, int width) {
  float sum = 0.f;
  for (int i = lane(); i < width; i += 32) {
    float x = toFloat(row[i]);
    sum += x * x;
  }
  return sqrtf(warpSum(sum));
}

// partials[block] = the sum of the norms of rows block·WARPS + warp, + gridDim·WARPS, ….
#define MAKE_NORM_SUMS(T, name)                                              \
  extern "C" __global__ void __launch_bounds__(THREADS)                      \
      norm_sums_##name(const T* x, long long rows, int width, float* partials) { \
    float sum = 0.f;                                                         \
    long long stride = (long long)gridDim.x * WARPS;                         \
    for (long long row = (long long)blockIdx.x * WARPS + warp(); row < rows; row += stride) { \
      sum += rowNorm(x + row * width, width);                                \
    }                                                                        \
    sum = blockSum(lane() == 0 ? sum : 0.f);                                 \
    if (threadIdx.x == 0) partials[blockIdx.x] = sum;                        \
  }
MNEME_FLOATING(MAKE_NORM_SUMS)

// Scales each row of x to the mean norm, the sum of all partials over count; a warp for each row.
extern "C" __global__ void __launch_bounds__(THREADS)
    scale_to_norm_f32(const float* partials, int partialCount, long long count, long long rows,
                      int width, float* x) {
  float part = 0.f;
  for (int i = threadIdx.x; i < partialCount; i += THREADS) part += partials[i];
  float target = blockSum(part) / (float)count;
  long long row = (long long)blockIdx.x * WARPS + warp();
  if (row >= rows) return;
  float* values = x + row * width;
  float norm = rowNorm(values, width);
  if (!(norm > 0.f)) return;
  float factor = target / norm;
  for (int i = lane(); i < width; i += 32) values[i] *= factor;
}
