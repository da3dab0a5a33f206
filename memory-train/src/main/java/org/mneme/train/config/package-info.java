// SPDX-License-Identifier: Apache-2.0
/** Parts of a training's configuration, and the check that reports all faults of one at once. */
package org.mneme.train.config;
