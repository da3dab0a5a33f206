// SPDX-License-Identifier: Apache-2.0
/** State that a training carries from step to step, as named tensors, for checkpoints. */
package org.mneme.memory.state;
