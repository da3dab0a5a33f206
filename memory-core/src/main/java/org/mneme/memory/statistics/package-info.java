// SPDX-License-Identifier: Apache-2.0
/** How a memory is used, from counts of selections. */
package org.mneme.memory.statistics;
