// SPDX-License-Identifier: Apache-2.0
/**
 * From text files to batches: documents are read ({@link org.mneme.train.data.DocumentSource}),
 * tokenised once into a memory-mapped file ({@link org.mneme.train.data.TokenShard}), split into
 * training and validation by document ({@link org.mneme.train.data.DataSplit}), laid out as
 * sequences ({@link org.mneme.train.data.Sequences}) and handed out in batches ({@link
 * org.mneme.train.data.BatchIterator}).
 */
package org.mneme.train.data;
