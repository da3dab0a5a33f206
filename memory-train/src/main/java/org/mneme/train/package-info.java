// SPDX-License-Identifier: Apache-2.0

/** Training: from text to a checkpoint. */
package org.mneme.train;
