// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What tells the data of a training from others: a position within them means the same only if all
 * of it is the same.
 *
 * @param source SHA-256 of the documents, training and held-out ones
 * @param tokenizer SHA-256 of the tokenizer
 * @param tokens of the training documents
 * @param sequencesPerEpoch that a pass over them has
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DataIdentity(String source, String tokenizer, long tokens, long sequencesPerEpoch) {
  /** Checks that both checksums are given. */
  public DataIdentity {
    Stored.present("data.source", source);
    Stored.present("data.tokenizer", tokenizer);
  }
}
