// SPDX-License-Identifier: Apache-2.0

/**
 * Facts whose amount is known: synthetic biographies to train on, and what a model recalls of them.
 */
package org.mneme.eval.facts;
