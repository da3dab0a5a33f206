// SPDX-License-Identifier: Apache-2.0

/** Evaluation: perplexity, generation, inspection of the memory, reports. */
package org.mneme.eval;
