// SPDX-License-Identifier: Apache-2.0
/**
 * The report of one or several runs as one HTML file that needs nothing else, and the comparison of
 * runs as a Markdown table.
 *
 * <p>A caller fills the records ({@link org.mneme.eval.report.Report}, {@link
 * org.mneme.eval.report.RunSummary}, …) and gives them to {@link org.mneme.eval.report.HtmlReport};
 * the records know nothing of models, so that any run, also one of another program, can be shown.
 * What reports are made of stands below: blocks and documents, charts, pages of memory entries, and
 * under them all the writers of HTML and Markdown.
 */
package org.mneme.eval.report;
