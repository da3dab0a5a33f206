// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.layers;

/** A block of the trunk. */
interface Block {
  /** Reads the stream and adds to it. */
  Stream forward(LayerContext context, Stream stream);
}
