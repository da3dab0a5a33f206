// SPDX-License-Identifier: Apache-2.0
/**
 * The record of an experiment: what a run's folder tells, put into words, tables and charts, and
 * compared with other runs.
 *
 * <p>Folders are read as data ({@link org.mneme.eval.record.RecordedRun}), not through the room
 * that wrote them: the record of a run that is still going on, was interrupted, or was made by
 * another version says what is missing and shows the rest.
 */
package org.mneme.eval.record;
