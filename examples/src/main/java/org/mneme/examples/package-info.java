// SPDX-License-Identifier: Apache-2.0

/** The command line, the quickstart and the published experiments. */
package org.mneme.examples;
