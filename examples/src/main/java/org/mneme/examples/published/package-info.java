// SPDX-License-Identifier: Apache-2.0
/** The published experiments, one main each, with their published hyper-parameters. */
package org.mneme.examples.published;
