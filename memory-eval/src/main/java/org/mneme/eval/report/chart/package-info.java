// SPDX-License-Identifier: Apache-2.0
/**
 * Curves ({@link org.mneme.eval.report.chart.Series}) and their drawing as SVG, with the values as
 * a table for those who cannot see it ({@link org.mneme.eval.report.chart.LineChart}). Axes, ticks
 * and labels that would overlap are worked out here.
 */
package org.mneme.eval.report.chart;
