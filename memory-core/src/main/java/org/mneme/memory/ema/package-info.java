// SPDX-License-Identifier: Apache-2.0
/** How entries follow what selects them: exponential moving averages without gradients. */
package org.mneme.memory.ema;
