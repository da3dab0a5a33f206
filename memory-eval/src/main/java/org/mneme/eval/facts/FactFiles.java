// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.Stream;
import org.mneme.model.io.AtomicFile;

/**
 * A folder of biographies and of questions about them.
 *
 * @param root the folder
 */
public record FactFiles(Path root) {
  private static final JsonMapper JSON = new JsonMapper();

  /** Training documents: JSONL with a field {@code text}. */
  public Path biographies() {
    return root.resolve("biographies.jsonl");
  }

  /** Questions: JSONL of {@link Fact}s. */
  public Path facts() {
    return root.resolve("facts.jsonl");
  }

  /** Writes both files; each replaces one of its name when it is complete. */
  public void write(Biographies biographies) throws IOException {
    write(biographies(), biographies.documents().map(text -> Map.of("text", text)));
    write(facts(), biographies.facts());
  }

  private static void write(Path file, Stream<?> lines) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          BufferedWriter writer =
              new BufferedWriter(
                  new OutputStreamWriter(
                      Channels.newOutputStream(channel), StandardCharsets.UTF_8));
          for (Iterator<?> line = lines.iterator(); line.hasNext(); ) {
            writer.write(json(line.next()));
            writer.write('\n');
          }
          writer.flush();
        });
  }

  private static String json(Object line) throws JsonProcessingException {
    return JSON.writeValueAsString(line);
  }
}
