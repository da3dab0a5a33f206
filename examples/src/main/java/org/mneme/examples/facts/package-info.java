// SPDX-License-Identifier: Apache-2.0

/** Synthetic facts to train on and to ask for. */
package org.mneme.examples.facts;
