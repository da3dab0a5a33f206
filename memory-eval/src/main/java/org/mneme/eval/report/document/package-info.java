// SPDX-License-Identifier: Apache-2.0
/**
 * Documents of sections and blocks ({@link org.mneme.eval.report.document.Document}, {@link
 * org.mneme.eval.report.document.Block}) that can be written as HTML, in one file that needs
 * nothing else, and as Markdown. A further kind of block is a class of its own and a method of
 * {@link org.mneme.eval.report.document.Block} that makes it.
 */
package org.mneme.eval.report.document;
