// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.SkippedLines;

/**
 * What a shard tells about how it was made, as JSON at its end.
 *
 * @param name of the source
 * @param files what it was made from
 * @param emptyDocuments documents without a token
 * @param skippedLines bad lines
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record ShardNotes(
    String name, List<DataFile> files, long emptyDocuments, SkippedLines skippedLines) {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  ShardNotes {
    name = name == null ? "" : name;
    files = files == null ? List.of() : List.copyOf(files);
    skippedLines = skippedLines == null ? SkippedLines.NONE : skippedLines;
  }

  byte[] encode() {
    try {
      return MAPPER.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("notes cannot be written as JSON", e);
    }
  }

  static ShardNotes decode(Path file, byte[] json) {
    try {
      return MAPPER.readValue(json, ShardNotes.class);
    } catch (IOException | IllegalArgumentException e) {
      throw ShardHeader.bad(file, "notes that cannot be read", "JSON of " + json.length + " bytes");
    }
  }
}
