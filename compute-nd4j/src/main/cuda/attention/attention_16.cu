// SPDX-License-Identifier: Apache-2.0
// Causal attention of bf16 heads of width 16.
#include "attention_heads.cuh"

MNEME_ATTENTION(16, 2)
