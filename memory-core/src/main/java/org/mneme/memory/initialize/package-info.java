// SPDX-License-Identifier: Apache-2.0
/** First contents of a memory: random, from sentences, or by clustering. */
package org.mneme.memory.initialize;
