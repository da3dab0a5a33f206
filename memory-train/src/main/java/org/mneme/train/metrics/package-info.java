// SPDX-License-Identifier: Apache-2.0
/** What a training tells of itself while it runs, and who listens: a file, a terminal, own code. */
package org.mneme.train.metrics;
