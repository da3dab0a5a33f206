// SPDX-License-Identifier: Apache-2.0
// Tensor core products of bf16 with f32 sums, and asynchronous copies to shared memory.
#pragma once
#include "common.cuh"

#if MNEME_BF16
// c += a·b for a [16, 16] row-major, b [16, 8] column-major, c [16, 8]. With g = lane / 4 and t =
// lane % 4: a = {(g, 2t..), (g+8, 2t..), (g, 2t+8..), (g+8, 2t+8..)} (two columns each), b = {(2t..,
// g), (2t+8.., g)} (two rows each), c = {(g, 2t), (g, 2t+1), (g+8, 2t), (g+8, 2t+1)}.
__device__ __forceinline__ void mma16816(float (&c)[4], const uint (&a)[4], const uint (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// The same for a [16, 8], b [8, 8]: a = {(g, 2t..), (g+8, 2t..)}, b = (2t.., g).
__device__ __forceinline__ void mma1688(float (&c)[4], uint a0, uint a1, uint b) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, "
      "{%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a0), "r"(a1), "r"(b));
}

// Transposes an 8×8 matrix of bf16 of which a lane holds row lane / 4, columns 2·(lane % 4)...
__device__ __forceinline__ uint transpose8x8(uint row) {
  uint column;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(column) : "r"(row));
  return column;
}

__device__ __forceinline__ uint sharedAddress(const void* shared) {
  return (uint)__cvta_generic_to_shared(shared);
}

// Four 8×8 matrices of bf16: lane i gives the address of row i % 8 of matrix i / 8; register j gets
// matrix j, of which a lane holds row lane / 4, columns 2·(lane % 4)...
__device__ __forceinline__ void ldmatrix4(uint (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(sharedAddress(row)));
}
// The same, each matrix transposed.
__device__ __forceinline__ void ldmatrix4Transposed(uint (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(sharedAddress(row)));
}

// Begins to copy 16 bytes to shared memory; writes zeros where valid is false.
__device__ __forceinline__ void copyAsync16(void* shared, const void* global, bool valid = true) {
  int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(sharedAddress(shared)),
               "l"(global), "r"(bytes));
}
// The same for 4 bytes.
__device__ __forceinline__ void copyAsync4(void* shared, const void* global, bool valid = true) {
  int bytes = valid ? 4 : 0;
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(sharedAddress(shared)),
               "l"(global), "r"(bytes));
}
__device__ __forceinline__ void copyAsyncCommit() { asm volatile("cp.async.commit_group;"); }
template <int PENDING>
__device__ __forceinline__ void copyAsyncWait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING));
}

// The sums of two pairs.
__device__ __forceinline__ uint addBf16(uint a, uint b) {
  uint r;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(0x3f803f80u), "r"(b));
  return r;
}

// 2^x to 2 units in the last place; results below the normal numbers are 0.
__device__ __forceinline__ float exp2Fast(float x) {
  float r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x));
  return r;
}
#endif
