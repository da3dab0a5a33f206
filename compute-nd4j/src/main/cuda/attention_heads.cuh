// SPDX-License-Identifier: Apache-2.0
// The kernels of a program for bf16 heads of one width.
#pragma once
#include "attention_backward.cuh"
#include "attention_forward.cuh"

#if MNEME_BF16
#define MNEME_ATTENTION(DIM)                                                                      \
  extern "C" __global__ void __launch_bounds__(256) attention_bf16(                               \
      const bf16* qkv, int sequence, int heads, int keyHeads, float scale, bf16* out,             \
      float* logSumExp) {                                                                         \
    attentionForward<DIM>(qkv, sequence, heads, keyHeads, scale, out, logSumExp);                 \
  }                                                                                               \
  extern "C" __global__ void attention_products_bf16(                                             \
      const bf16* dOut, const bf16* out, int sequence, int heads, long long count,                \
      float* products) {                                                                          \
    attentionProducts<DIM>(dOut, out, sequence, heads, count, products);                          \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) attention_backward_queries_bf16(              \
      const bf16* dOut, const bf16* qkv, const float* logSumExp, const float* products,           \
      int sequence, int heads, int keyHeads, float scale, bf16* dQkv) {                           \
    attentionBackwardQueries<DIM>(                                                                \
        dOut, qkv, logSumExp, products, sequence, heads, keyHeads, scale, dQkv);                  \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(128) attention_backward_keys_bf16(                 \
      const bf16* dOut, const bf16* qkv, const float* logSumExp, const float* products,           \
      int sequence, int heads, int keyHeads, float scale, bf16* dQkv) {                           \
    attentionBackwardKeys<DIM>(                                                                   \
        dOut, qkv, logSumExp, products, sequence, heads, keyHeads, scale, dQkv);                  \
  }
#else
#define MNEME_ATTENTION(DIM)
#endif
