// SPDX-License-Identifier: Apache-2.0
/** Reverse-mode differentiation over the fused operations of a device. */
package org.mneme.model.autograd;
