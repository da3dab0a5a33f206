// SPDX-License-Identifier: Apache-2.0
/**
 * From tokens to batches, which is what a trainer sees: documents of a shard ({@link
 * org.mneme.train.data.DocumentSet}) are split into training and validation ({@link
 * org.mneme.train.data.DataSplit}), laid out as sequences ({@link org.mneme.train.data.Sequences})
 * and handed out in batches ({@link org.mneme.train.data.BatchIterator}). How text becomes a shard
 * is told by the packages below: {@link org.mneme.train.data.document.DocumentSource} gives
 * documents, {@link org.mneme.train.data.text.JsonlSource} and its kin read them from files, {@link
 * org.mneme.train.data.shard.TokenShards} tokenises them once into a file.
 */
package org.mneme.train.data;
