// SPDX-License-Identifier: Apache-2.0

/** Tensors, devices, the kernels they offer, and how a provider of them is found. */
package org.mneme.compute;
