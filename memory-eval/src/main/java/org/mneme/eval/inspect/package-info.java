// SPDX-License-Identifier: Apache-2.0

/**
 * What stands in a memory and what it is used for: the most used entries as text, the places where
 * they are chosen, and how they changed since training began.
 */
package org.mneme.eval.inspect;
