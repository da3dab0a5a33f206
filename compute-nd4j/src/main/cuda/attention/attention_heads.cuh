// SPDX-License-Identifier: Apache-2.0
// The kernels of a program for bf16 heads of one width. A warp of attention_backward_keys owns
// KEY_STRIPS times 16 keys.
#pragma once
#include "attention_backward.cuh"
#include "attention_forward.cuh"

#if MNEME_BF16
#define MNEME_ATTENTION(DIM, KEY_STRIPS)                                                          \
  extern "C" __global__ void __launch_bounds__(256, DIM > 64 ? 1 : DIM > 16 ? 2 : 3)              \
  attention_bf16(                                                                                 \
      const bf16* qkv, int sequence, int heads, int keyHeads, float scale, bf16* out,             \
      float* logSumExp) {                                                                         \
    attentionForward<DIM>(qkv, sequence, heads, keyHeads, scale, out, logSumExp);                 \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256, DIM > 32 ? 1 : DIM > 16 ? 2 : 3)              \
  attention_backward_queries_bf16(                                                                \
      const bf16* dOut, const bf16* qkv, const bf16* out, const float* logSumExp, int sequence,   \
      int heads, int keyHeads, float scale, float* shifts, float* means, bf16* dQkv) {            \
    attentionBackwardQueries<DIM>(dOut, qkv, out, logSumExp, sequence, heads, keyHeads, scale,    \
                                  shifts, means, dQkv);                                           \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(128, DIM > 16 ? 2 : 4)                             \
  attention_backward_keys_bf16(                                                                   \
      const bf16* dOut, const bf16* qkv, const float* shifts, const float* means, int sequence,   \
      int heads, int keyHeads, float scale, bf16* dQkv) {                                         \
    attentionBackwardKeys<DIM, KEY_STRIPS>(                                                       \
        dOut, qkv, shifts, means, sequence, heads, keyHeads, scale, dQkv);                        \
  }
#else
#define MNEME_ATTENTION(DIM, KEY_STRIPS)
#endif
