// SPDX-License-Identifier: Apache-2.0
/** Keys of independent streams of random numbers. */
package org.mneme.memory.random;
