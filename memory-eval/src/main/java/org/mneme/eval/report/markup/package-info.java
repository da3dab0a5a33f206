// SPDX-License-Identifier: Apache-2.0
/**
 * How tables, numbers and text are written in HTML and in Markdown: {@link
 * org.mneme.eval.report.markup.Markup} and {@link org.mneme.eval.report.markup.MarkdownText} escape
 * all that they are given, and everything that a report shows goes through one of them. It knows
 * nothing of runs.
 */
package org.mneme.eval.report.markup;
