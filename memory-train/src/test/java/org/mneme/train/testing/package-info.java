// SPDX-License-Identifier: Apache-2.0
/**
 * The regression kit: assertions and a JUnit extension that pin how a model behaves. Published as
 * the test-jar of {@code memory-train}.
 */
package org.mneme.train.testing;
