// SPDX-License-Identifier: Apache-2.0

/** Several systems with several seeds on the same text and budget, and their comparison. */
package org.mneme.examples.study;
