// SPDX-License-Identifier: Apache-2.0
// Selections sorted by entry, in chunks of a warp's width: what belongs to one entry within a chunk
// is a run. An entry that many selected is split into runs; one that few did is one or two.
#pragma once
#include "common.cuh"

// A chunk of sorted selections, one a lane. Lanes behind the last one hold no selection.
struct Chunk {
  int length;
  int selection;
  int entry;
  uint runs;  // A bit for the first lane of each run.

  // order may be null: the selections as they come, each a run.
  __device__ __forceinline__ Chunk(const int* order, const int* indices, long long chunk,
                                   long long count) {
    long long at = chunk * 32 + lane();
    long long left = count - chunk * 32;
    length = left < 32 ? (int)left : 32;
    bool valid = lane() < length;
    selection = !valid ? 0 : order == nullptr ? (int)at : order[at];
    entry = valid && order != nullptr ? indices[selection] : -1;
    int before = __shfl_up_sync(0xffffffffu, entry, 1);
    runs = __ballot_sync(0xffffffffu,
                         valid && (lane() == 0 || order == nullptr || entry != before));
  }
};

// Where a read of [N, S] begins in a row of [q ; read ; … ; read].
__device__ __forceinline__ long long readOffset(int selection, int dim, int slots, int width) {
  int n = selection / slots;
  int slot = selection - n * slots;
  return n * (dim + (long long)slots * width) + dim + (long long)slot * width;
}
