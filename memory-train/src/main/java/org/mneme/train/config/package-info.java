// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration of a run, {@link org.mneme.train.config.RunConfig}: one immutable tree of
 * records with their builders, read from JSON or YAML, all faults of one reported at once.
 */
package org.mneme.train.config;
