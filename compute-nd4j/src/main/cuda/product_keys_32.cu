// SPDX-License-Identifier: Apache-2.0
// Product keys of 32 elements in bf16.
#define HALF 32
#include "product_keys_gradient.cuh"
#include "product_keys_select.cuh"
