// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

/**
 * How likely a token follows a prompt, before an edit and after it.
 *
 * @param id the token
 * @param text its text
 * @param before probability before, 0 to 1
 * @param after probability after
 */
public record TokenProbability(int id, String text, double before, double after) {}
