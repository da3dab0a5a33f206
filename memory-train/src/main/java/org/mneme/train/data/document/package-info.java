// SPDX-License-Identifier: Apache-2.0
/**
 * Documents, and sources that give them in a fixed order any number of times ({@link
 * org.mneme.train.data.document.DocumentSource}), whatever they are read from. A source says what
 * identifies its content and tells what was left out of it.
 */
package org.mneme.train.data.document;
