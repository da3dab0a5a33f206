// SPDX-License-Identifier: Apache-2.0

/** Text written by a model: how the next token is chosen, and when to stop. */
package org.mneme.eval.generate;
