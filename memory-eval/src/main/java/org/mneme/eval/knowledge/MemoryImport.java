// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.eval.TextWindows;
import org.mneme.eval.inspect.TokenTexts;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.io.FileFault;
import org.mneme.model.io.Utf8File;

/**
 * Reads entries as {@link MemoryExport} writes them, perhaps changed by a person. Entries that the
 * file leaves out stay as they are.
 *
 * <p>Of a token entry with both text and tokens the tokens count, as long as the text is theirs.
 * Where it is not, somebody has changed one of the two: tokens that differ from those of the model
 * beside the model's text are new tokens; in any other case the text is new and is encoded.
 */
public final class MemoryImport {
  private final LanguageModel model;
  private final Codebook memory;
  private final TextCodec codec;
  private final TokenTexts texts;

  /**
   * An import into a model's memory.
   *
   * @throws UserException if it has none, or the tokenizer has ids that the model does not know
   */
  public MemoryImport(LanguageModel model, TextCodec codec) {
    this.model = model;
    this.memory = Memories.of(model);
    this.codec = TextWindows.checked(codec, model);
    this.texts = new TokenTexts(codec);
  }

  /**
   * Sets the entries of a file. Where a line is refused, the entries before it may be set already.
   *
   * @throws UserException naming file and line of what is wrong, what was found and what was
   *     expected
   */
  public ImportReport read(Path file) {
    long number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file);
        EntryBatch batch = new EntryBatch(model)) {
      Reading reading = new Reading(batch);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        String text = number == 1 ? Utf8File.withoutMark(line) : line;
        if (!text.isBlank()) {
          reading.take(EntryLine.parse(text));
        }
      }
      batch.flush();
      reading.contexts.ifPresent(EntryContexts::write);
      return reading.report(file);
    } catch (IllegalArgumentException e) {
      throw new UserException(file + ", line " + number + ": " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new UserException(file + ": no such file, expected entries as JSONL", e);
    } catch (CharacterCodingException e) {
      throw Utf8File.malformed(file);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "read", e);
    }
  }

  /** One pass over a file. */
  private final class Reading {
    private final EntryBatch batch;
    private final Optional<EntryContexts> contexts = model.contexts().map(EntryContexts::new);
    private final BitSet seen = new BitSet();
    private int changed;
    private int encoded;
    private int cut;

    Reading(EntryBatch batch) {
      this.batch = batch;
    }

    void take(EntryLine line) {
      int entry = line.entry();
      if (entry >= memory.entries()) {
        throw new IllegalArgumentException(
            "entry " + entry + ", expected 0 to " + (memory.entries() - 1));
      }
      if (seen.get(entry)) {
        throw new IllegalArgumentException("entry " + entry + " again, expected each once");
      }
      seen.set(entry);
      boolean given = isGiven(line);
      boolean other =
          memory instanceof TokenCodebook tokens
              ? takeTokens(line, tokens.read(entry))
              : takeVector(line, ((VectorCodebook) memory).read(entry));
      changed += given || other ? 1 : 0;
    }

    /** Takes the context of an entry, and returns whether that is another one than before. */
    private boolean isGiven(EntryLine line) {
      if (contexts.isEmpty()) {
        refuse(line.owner() != null, "\"owner\" is given, expected none: entries have no context");
        refuse(line.votes() != null, "\"votes\" is given, expected none: entries have no context");
        return false;
      }
      EntryContexts known = contexts.get();
      refuse(
          line.owner() != null && line.votes() == null, "no \"votes\", expected as \"owner\" is");
      refuse(
          line.owner() == null && line.votes() != null, "no \"owner\", expected as \"votes\" is");
      if (line.owner() == null) {
        refuse(
            known.isEmpty(line.entry()),
            "entry "
                + line.entry()
                + " is empty, expected \"owner\" and \"votes\": without them no text reads it");
        return false;
      }
      refuse(
          line.votes() > known.mostVotes(),
          "\"votes\" has " + line.votes() + ", expected 0 to " + known.mostVotes());
      return known.set(line.entry(), line.owner(), line.votes());
    }

    private static void refuse(boolean wrong, String problem) {
      if (wrong) {
        throw new IllegalArgumentException(problem);
      }
    }

    private boolean takeTokens(EntryLine line, int[] before) {
      int[] now = tokens(line, before);
      for (int token : now) {
        if (token >= model.config().vocabSize()) {
          throw new IllegalArgumentException(
              "\"tokens\": token " + token + ", expected 0 to " + (model.config().vocabSize() - 1));
        }
      }
      if (Arrays.equals(before, now)) {
        return false;
      }
      batch.add(line.entry(), now);
      return true;
    }

    private int[] tokens(EntryLine line, int[] before) {
      int[] given = line.tokens();
      if (given == null && line.text() == null) {
        throw new IllegalArgumentException(
            "entry " + line.entry() + " has neither, expected \"text\" or \"tokens\"");
      }
      if (given != null) {
        requireWidth("tokens", given.length);
      }
      if (line.text() == null || (given != null && hasOwnTokens(line, before))) {
        return given;
      }
      EntryTokens made = EntryTokens.of(codec, line.text(), memory.width());
      encoded++;
      cut += made.isCut() ? 1 : 0;
      return made.ids();
    }

    private boolean hasOwnTokens(EntryLine line, int[] before) {
      return line.text().equals(texts.text(line.tokens()))
          || (line.text().equals(texts.text(before)) && !Arrays.equals(line.tokens(), before));
    }

    private boolean takeVector(EntryLine line, float[] before) {
      if (line.vector() == null) {
        throw new IllegalArgumentException(
            "entry " + line.entry() + " has none, expected a \"vector\"");
      }
      requireWidth("numbers", line.vector().length);
      if (Arrays.equals(before, line.vector())) {
        return false;
      }
      batch.add(line.entry(), line.vector());
      return true;
    }

    private void requireWidth(String what, int found) {
      if (found != memory.width()) {
        throw new IllegalArgumentException(found + " " + what + ", expected " + memory.width());
      }
    }

    ImportReport report(Path file) {
      if (seen.isEmpty()) {
        throw new UserException(file + ": is empty; expected a JSON object for each entry");
      }
      return new ImportReport(seen.cardinality(), changed, encoded, cut);
    }
  }
}
