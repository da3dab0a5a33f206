// SPDX-License-Identifier: Apache-2.0
// Product keys of 32 elements in bf16.
#define HALF 32
#include "product_keys_key_gradients.cuh"
#include "product_keys_probabilities.cuh"
#include "product_keys_query_gradients.cuh"
#include "product_keys_select.cuh"
