// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

import org.mneme.model.autograd.Var;

/** What a memory that stands beside a feed-forward layer reads. */
interface MemorySum {
  /** The weighted sum of what each position reads: x [N, d], result [N, d]. */
  Var forward(LayerContext context, Var x);
}
