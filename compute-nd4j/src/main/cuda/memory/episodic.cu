// SPDX-License-Identifier: Apache-2.0
// Entries that take the tokens that followed a position that selected them.
#include "hash.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;
constexpr int FLIGHT = 8;  // Selections that a lane looks at together.

// candidates[position] = 1 if `places` tokens follow it in its sequence and none is excluded.
extern "C" __global__ void __launch_bounds__(THREADS)
    episodic_candidates_i32(const int* ids, int positions, int sequence, int places, int excluded,
                            int* candidates) {
  long long position = (long long)blockIdx.x * THREADS + threadIdx.x;
  if (position >= positions) return;
  bool usable = (int)(position % sequence) < sequence - places;
  for (int k = 1; usable && k <= places; k++) usable = ids[position + k] != excluded;
  candidates[position] = usable;
}

// Whether a selection of a group is one of a candidate.
struct Candidates {
  const int* candidates;
  const int* selections;
  int members;
  int slots;
  int positions;

  __device__ __forceinline__ int positionOf(int member) const {
    return selections[member] / slots % positions;
  }

  __device__ __forceinline__ bool at(int member) const {
    return member < members && candidates[positionOf(member)] != 0;
  }

  // Bit i of flags[j]: whether member from + 32·j + i is one.
  __device__ __forceinline__ void load(int from, uint (&flags)[FLIGHT]) const {
    bool own[FLIGHT];
#pragma unroll
    for (int j = 0; j < FLIGHT; j++) own[j] = at(from + 32 * j + lane());
#pragma unroll
    for (int j = 0; j < FLIGHT; j++) flags[j] = __ballot_sync(0xffffffffu, own[j]);
  }
};

// The position of the choice-th candidate, by a warp.
__device__ int chosenPosition(const Candidates& group, int choice) {
  for (int from = 0; from < group.members; from += 32 * FLIGHT) {
    uint flags[FLIGHT];
    group.load(from, flags);
    for (int j = 0; j < FLIGHT; j++) {
      uint set = flags[j];
      int found = __popc(set);
      if (choice < found) {
        for (; choice > 0; choice--) set &= set - 1;
        return group.positionOf(from + 32 * j + __ffs(set) - 1);
      }
      choice -= found;
    }
  }
  return -1;  // Not reached: choice is below the number of candidates.
}

// A warp for each group.
extern "C" __global__ void __launch_bounds__(THREADS)
    episodic_tokens_i32(const int* order, const int* entries, const int* starts, int groups,
                        const int* ids, const int* candidates, int positions, int slots,
                        int places, float probability, long long seed, int* bank) {
  long long group = (long long)blockIdx.x * WARPS + warp();
  if (group >= groups) return;
  int entry = entries[group];
  u64 chance = mix((u64)seed + mix((u64)(long long)entry));
  if ((double)(chance >> 11) * 0x1p-53 >= (double)probability) return;
  Candidates members{candidates, order + starts[group], starts[group + 1] - starts[group], slots,
                     positions};
  int found = 0;
  for (int from = 0; from < members.members; from += 32 * FLIGHT) {
    uint flags[FLIGHT];
    members.load(from, flags);
#pragma unroll
    for (int j = 0; j < FLIGHT; j++) found += __popc(flags[j]);
  }
  if (found == 0) return;
  int position = chosenPosition(members, (int)(mix(chance) % (u64)found));
  for (int k = lane(); k < places; k += 32) {
    bank[(long long)entry * places + k] = ids[position + 1 + k];
  }
}
