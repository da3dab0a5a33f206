// SPDX-License-Identifier: Apache-2.0

/**
 * A memory as a file that a person reads and changes, and single entries that are changed, with the
 * effect on what the model says.
 */
package org.mneme.eval.knowledge;
