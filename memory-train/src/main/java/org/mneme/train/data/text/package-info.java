// SPDX-License-Identifier: Apache-2.0
/**
 * Sources that read files: JSONL ({@link org.mneme.train.data.text.JsonlSource}), and sentences in
 * JSON, JSONL or plain text ({@link org.mneme.train.data.text.SentenceSource}), compressed or not.
 * What is wrong with a file is told by file, line, what was found and what was expected, or counted
 * ({@link org.mneme.train.data.text.BadLines}).
 */
package org.mneme.train.data.text;
