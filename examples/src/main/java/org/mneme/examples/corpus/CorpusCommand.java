// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.corpus;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.mneme.compute.UserException;
import org.mneme.examples.Arguments;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes text that comes with Mneme into a file, for training and evaluation. */
@Command(
    name = "corpus",
    description = "Write text that comes with Mneme as JSONL.",
    mixinStandardHelpOptions = true)
public final class CorpusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      description =
          "wordnet: WordNet 3.1, a line for each of its 117,791 sets of synonyms with the fields"
              + " text, words and definition.")
  private String name;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file.")
  private Path file;

  @Option(
      names = "--every",
      paramLabel = "N",
      description = "Every N-th line only (default: ${DEFAULT-VALUE}).")
  private int every = 1;

  @Override
  public Integer call() {
    Arguments.atLeast(spec, "--every", every, 1);
    if (!name.equals("wordnet")) {
      throw new UserException("corpus '" + name + "' is not known, expected wordnet");
    }
    WordNetCorpus corpus = WordNetCorpus.load().every(every);
    try {
      AtomicFile.write(file, channel -> write(corpus, channel));
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
    spec.commandLine()
        .getOut()
        .printf(Locale.ROOT, "%s: %,d lines%n", file, corpus.entries().size());
    return 0;
  }

  private static void write(WordNetCorpus corpus, FileChannel channel) throws IOException {
    ObjectMapper json = new ObjectMapper();
    StringBuilder lines = new StringBuilder();
    for (WordNetCorpus.Entry entry : corpus.entries()) {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("text", entry.text());
      fields.put("words", entry.words());
      fields.put("definition", entry.definition());
      lines.append(json.writeValueAsString(fields)).append('\n');
    }
    AtomicFile.writeFully(
        channel, ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
