// SPDX-License-Identifier: Apache-2.0
/** Commands that look at a trained model: its loss, its text, its memory. */
package org.mneme.examples.inspect;
