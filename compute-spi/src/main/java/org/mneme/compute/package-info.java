// SPDX-License-Identifier: Apache-2.0
/** Devices, tensors and how providers of them are found. */
package org.mneme.compute;
