// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import java.util.List;

/** What token shards need of a tokenizer. */
public interface TokenEncoder {

  /** Encodes many texts, without truncation or added tokens; the result is in their order. */
  List<int[]> encode(List<String> texts);

  /** Returns the number of ids; every id is below it. */
  int vocabularySize();

  /** Returns a SHA-256 of all that the encoding depends on. */
  HashCode sha256();
}
