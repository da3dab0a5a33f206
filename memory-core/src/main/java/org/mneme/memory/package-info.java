// SPDX-License-Identifier: Apache-2.0

/** The explicit memory: codebooks, their updates, their statistics. */
package org.mneme.memory;
