// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.SkippedLines;

/**
 * What tokenised text was made of: for the information that a run keeps about itself.
 *
 * @param name of the source
 * @param files what it was read from, with their hashes; empty for documents of a program
 * @param sourceSha256 of the source: content and how it was read, in hexadecimal
 * @param tokenizerSha256 of the tokenizer, in hexadecimal
 * @param shard the file with the tokens
 * @param documents documents with at least one token
 * @param emptyDocuments documents without one, which were left out
 * @param tokens of all documents, without begin and end
 * @param skippedLines the bad lines that were left out
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DataSummary(
    String name,
    List<DataFile> files,
    String sourceSha256,
    String tokenizerSha256,
    String shard,
    long documents,
    long emptyDocuments,
    long tokens,
    SkippedLines skippedLines) {

  /** Copies the list. */
  public DataSummary {
    files = List.copyOf(files);
  }
}
