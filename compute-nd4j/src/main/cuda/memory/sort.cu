// SPDX-License-Identifier: Apache-2.0
// A stable radix sort of positions by their keys, from the lowest digit to the highest, and a
// prefix sum. Each pass counts the digits of each tile, finds where the keys of a tile with a digit
// go, and moves them there by way of shared memory, where they are put together first, so that
// they are written in runs. No result depends on the order in which blocks run.
#include "scan.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;
constexpr int ITEMS = 8;  // Keys of a thread.
constexpr uint TILE = THREADS * ITEMS;

// How many keys there are: n, or each·*actual of them where only the device knows.
__device__ __forceinline__ int keyCount(int n, const int* actual, int each) {
  return actual == nullptr ? n : *actual * each;
}

// counts[digit][block] = keys of the block's tile with the digit. Shared: digits ints.
extern "C" __global__ void __launch_bounds__(THREADS)
    sort_count_i32(const int* keys, int n, const int* actual, int each, int shift, int digits,
                   int* counts) {
  extern __shared__ int histogram[];
  n = keyCount(n, actual, each);
  for (int digit = threadIdx.x; digit < digits; digit += THREADS) histogram[digit] = 0;
  __syncthreads();
  uint first = blockIdx.x * TILE;
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    if (at < (uint)n) atomicAdd(&histogram[(keys[at] >> shift) & (digits - 1)], 1);
  }
  __syncthreads();
  for (int digit = threadIdx.x; digit < digits; digit += THREADS) {
    counts[(long long)digit * gridDim.x + blockIdx.x] = histogram[digit];
  }
}

// A block for each digit: its counts become the sums over the tiles before; totals[digit] = all.
extern "C" __global__ void __launch_bounds__(THREADS)
    sort_scan_i32(int* counts, int tiles, int* totals) {
  int* row = counts + (long long)blockIdx.x * tiles;
  int carry = 0;
  for (int from = 0; from < tiles; from += THREADS) {
    int at = from + threadIdx.x;
    int total;
    int before = blockExclusiveSum(at < tiles ? row[at] : 0, total);
    if (at < tiles) row[at] = carry + before;
    carry += total;
  }
  if (threadIdx.x == 0) totals[blockIdx.x] = carry;
}

// Moves the keys of a tile, and the positions that go with them, to where their digits belong.
// positions may be null: those before the first pass. Shared: digits·(2 + WARPS) + 2·TILE ints.
extern "C" __global__ void __launch_bounds__(THREADS)
    sort_scatter_i32(const int* keys, const int* positions, int n, const int* actual, int each,
                     int shift, int bits, const int* counts, const int* totals, int* sortedKeys,
                     int* order) {
  extern __shared__ int shared[];
  n = keyCount(n, actual, each);
  if (blockIdx.x * TILE >= (uint)n) return;
  int digits = 1 << bits;
  int* starts = shared;             // Where a digit begins in the sorted tile.
  int* targets = starts + digits;   // Adds to a place in the tile to give that in the result.
  int* ranks = targets + digits;    // [WARPS][digits] keys of the warp, later of the warps before.
  int* tileKeys = ranks + WARPS * digits;
  int* tilePositions = tileKeys + TILE;
  for (int i = threadIdx.x; i < WARPS * digits; i += THREADS) ranks[i] = 0;
  for (int i = threadIdx.x; i < digits; i += THREADS) targets[i] = totals[i];
  sharedExclusiveScan(targets, digits);

  // A warp takes neighbouring keys, 32 at a time, in order: that is what makes the sort stable.
  uint first = blockIdx.x * TILE;
  uint warpFirst = first + warp() * 32 * ITEMS;
  uint lanesBefore = (1u << lane()) - 1;
  int* warpRanks = ranks + warp() * digits;
  int key[ITEMS];
  int rank[ITEMS];
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = warpFirst + i * 32 + lane();
    key[i] = at < (uint)n ? keys[at] : 0;
  }
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    bool valid = warpFirst + i * 32 + lane() < (uint)n;
    int digit = (key[i] >> shift) & (digits - 1);
    uint peers = __ballot_sync(0xffffffffu, valid);
    for (int bit = 0; bit < bits; bit++) {
      bool set = (digit >> bit) & 1;
      uint votes = __ballot_sync(0xffffffffu, set);
      peers &= set ? votes : ~votes;
    }
    int before = __popc(peers & lanesBefore);
    int earlier = warpRanks[digit];
    __syncwarp();
    if (valid && before == 0) warpRanks[digit] = earlier + __popc(peers);
    __syncwarp();
    rank[i] = earlier + before;
  }
  __syncthreads();

  for (int digit = threadIdx.x; digit < digits; digit += THREADS) {
    int sum = 0;
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      int count = ranks[w * digits + digit];
      ranks[w * digits + digit] = sum;
      sum += count;
    }
    starts[digit] = sum;
  }
  sharedExclusiveScan(starts, digits);
  for (int digit = threadIdx.x; digit < digits; digit += THREADS) {
    targets[digit] += counts[(long long)digit * gridDim.x + blockIdx.x] - starts[digit];
  }
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = warpFirst + i * 32 + lane();
    if (at < (uint)n) {
      int digit = (key[i] >> shift) & (digits - 1);
      int place = starts[digit] + warpRanks[digit] + rank[i];
      tileKeys[place] = key[i];
      tilePositions[place] = positions == nullptr ? (int)at : positions[at];
    }
  }
  __syncthreads();
  int size = (int)min(TILE, (uint)n - first);
  for (int place = threadIdx.x; place < size; place += THREADS) {
    int moved = tileKeys[place];
    int to = targets[(moved >> shift) & (digits - 1)] + place;
    sortedKeys[to] = moved;
    order[to] = tilePositions[place];
  }
}

// totals[block] = the sum of a tile of values.
extern "C" __global__ void __launch_bounds__(THREADS)
    tile_sums_i32(const int* values, int n, int* totals) {
  uint first = blockIdx.x * TILE;
  int sum = 0;
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    if (at < (uint)n) sum += values[at];
  }
  int total;
  blockExclusiveSum(sum, total);
  if (threadIdx.x == 0) totals[blockIdx.x] = total;
}

// out[i] = offsets[block] + the sum of the values before i in the tile; offsets may be null: 0. May
// be done in place.
extern "C" __global__ void __launch_bounds__(THREADS)
    tile_scan_i32(const int* values, int n, const int* offsets, int* out) {
  uint first = blockIdx.x * TILE;
  int carry = offsets == nullptr ? 0 : offsets[blockIdx.x];
#pragma unroll
  for (int i = 0; i < ITEMS; i++) {
    uint at = first + i * THREADS + threadIdx.x;
    int total;
    int before = blockExclusiveSum(at < (uint)n ? values[at] : 0, total);
    if (at < (uint)n) out[at] = carry + before;
    carry += total;
  }
}
