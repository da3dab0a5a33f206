// SPDX-License-Identifier: Apache-2.0
/** Texts that the examples train on. */
package org.mneme.examples.corpus;
