// SPDX-License-Identifier: Apache-2.0
/** The state of update rules as named tensors, for checkpoints. */
package org.mneme.memory.state;
