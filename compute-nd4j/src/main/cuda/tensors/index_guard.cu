// SPDX-License-Identifier: Apache-2.0
// Keeps values that an operation uses as addresses in range: what is not becomes 0 where it stands,
// and is reported in page-locked memory of the host, which the host reads when it has waited. The
// operation then runs on valid addresses, so that no kernel touches memory of others and the context
// stays usable.
#include "common.cuh"

constexpr int THREADS = 256;

// One store of 16 bytes, so that a report is of one value also where several threads write it.
__device__ __forceinline__ void report(int4* fault, int kind, int value, int other) {
  *fault = make_int4(kind, value, other, 0);
  __threadfence_system();
}

constexpr int OUT_OF_RANGE = 1;
constexpr int NOT_ASCENDING = 2;

__device__ __forceinline__ bool outside(int value, int last) { return value < 0 || value > last; }

// 0 … last, or other.
extern "C" __global__ void __launch_bounds__(THREADS)
    guard_values_i32(int* values, long long count, int last, int other, int replacement,
                     int4* fault) {
  long long at = (long long)blockIdx.x * THREADS + threadIdx.x;
  if (at >= count) return;
  int value = values[at];
  if (outside(value, last) && value != other) {
    values[at] = replacement;
    report(fault, OUT_OF_RANGE, value, 0);
  }
}

// 0 … last for values[*from] … values[*to − 1]; from may be null, for 0.
extern "C" __global__ void __launch_bounds__(THREADS)
    guard_part_i32(int* values, const int* from, const int* to, long long count, int last,
                   int4* fault) {
  long long at = (long long)blockIdx.x * THREADS + threadIdx.x;
  if (at >= count || at >= *to || (from && at < *from)) return;
  int value = values[at];
  if (outside(value, last)) {
    values[at] = 0;
    report(fault, OUT_OF_RANGE, value, 0);
  }
}

// 0 … last for the columns of the rows that are indexed; the indices are in range. A thread for each
// index and column.
extern "C" __global__ void __launch_bounds__(THREADS)
    guard_rows_i32(int* table, const int* indices, long long count, int columns, int last,
                   int4* fault) {
  long long at = (long long)blockIdx.x * THREADS + threadIdx.x;
  if (at >= count * columns) return;
  long long place = (long long)indices[at / columns] * columns + at % columns;
  int value = table[place];
  if (outside(value, last)) {
    table[place] = 0;
    report(fault, OUT_OF_RANGE, value, 0);
  }
}

// Ascending from 0 to last, by one block. If they are not, all become 0: segments without members.
// Single values would leave segments that together are longer than the list.
extern "C" __global__ void __launch_bounds__(THREADS)
    guard_ascending_i32(int* starts, long long count, int last, int4* fault) {
  bool bad = false;
  for (long long at = threadIdx.x; at < count; at += THREADS) {
    int value = starts[at];
    int before = at == 0 ? 0 : starts[at - 1];
    if (outside(value, last)) {
      report(fault, OUT_OF_RANGE, value, 0);
      bad = true;
    } else if (value < before) {
      // A value before that is out of range is reported as such.
      if (!outside(before, last)) report(fault, NOT_ASCENDING, value, before);
      bad = true;
    }
  }
  if (!__syncthreads_or(bad)) return;
  for (long long at = threadIdx.x; at < count; at += THREADS) starts[at] = 0;
}
