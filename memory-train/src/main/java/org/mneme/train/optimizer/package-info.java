// SPDX-License-Identifier: Apache-2.0
/** AdamW over the flat arenas of a model, and its learning rates. */
package org.mneme.train.optimizer;
