// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.LineNumberReader;
import java.io.OutputStreamWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.mneme.model.io.Utf8File;

/**
 * A folder of biographies and of questions about them.
 *
 * @param root the folder
 */
public record FactFiles(Path root) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final JsonConfig CONFIG = new JsonConfig();

  /** Training documents: JSONL with a field {@code text}. */
  public Path biographies() {
    return root.resolve("biographies.jsonl");
  }

  /** Questions: JSONL of {@link Fact}s. */
  public Path facts() {
    return root.resolve("facts.jsonl");
  }

  /**
   * Reads questions.
   *
   * @param path a file of {@link Fact}s, or a folder with {@code facts.jsonl}
   * @throws UserException naming file and line of what is wrong, or if there is none
   */
  public static List<Fact> read(Path path) {
    Path file = Files.isDirectory(path) ? new FactFiles(path).facts() : path;
    try (LineNumberReader lines = new LineNumberReader(Files.newBufferedReader(file))) {
      List<Fact> facts = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String text = lines.getLineNumber() == 1 ? Utf8File.withoutMark(line) : line;
        if (!text.isBlank()) {
          facts.add(fact(file + ", line " + lines.getLineNumber(), text));
        }
      }
      if (facts.isEmpty()) {
        throw new UserException(file + ": is empty, expected one fact a line");
      }
      return List.copyOf(facts);
    } catch (NoSuchFileException e) {
      throw new UserException(file + ": no such file, expected facts as JSONL", e);
    } catch (CharacterCodingException e) {
      throw Utf8File.malformed(file);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "read", e);
    }
  }

  private static Fact fact(String where, String line) {
    Fact fact = CONFIG.parse(where, line, Fact.class);
    if (fact == null) {
      throw new UserException(where + ": expected an object with a fact, got null");
    }
    return fact;
  }

  /**
   * Writes both files; each replaces one of its name when it is complete.
   *
   * @throws UserException if one cannot be written
   */
  public void write(Biographies biographies) {
    write(biographies(), biographies.documents().map(text -> Map.of("text", text)));
    write(facts(), biographies.facts());
  }

  private static void write(Path file, Stream<?> lines) {
    try {
      AtomicFile.write(file, channel -> write(channel, lines));
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
  }

  private static void write(FileChannel channel, Stream<?> lines) throws IOException {
    BufferedWriter writer =
        new BufferedWriter(
            new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8));
    for (Iterator<?> line = lines.iterator(); line.hasNext(); ) {
      writer.write(json(line.next()));
      writer.write('\n');
    }
    writer.flush();
  }

  private static String json(Object line) throws JsonProcessingException {
    return JSON.writeValueAsString(line);
  }
}
