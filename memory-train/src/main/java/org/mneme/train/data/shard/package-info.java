// SPDX-License-Identifier: Apache-2.0
/**
 * Tokenised documents on disk: {@link org.mneme.train.data.shard.TokenShards} makes a shard of a
 * source and a tokenizer once and finds it again, {@link org.mneme.train.data.shard.TokenShard}
 * reads it through a mapping into memory. Whoever is killed while making one leaves none.
 */
package org.mneme.train.data.shard;
