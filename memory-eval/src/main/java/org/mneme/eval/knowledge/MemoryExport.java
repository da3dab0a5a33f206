// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.mneme.compute.Device;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.eval.TextWindows;
import org.mneme.eval.inspect.TokenTexts;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.statistics.EntryUse;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.io.AtomicFile;

/**
 * Writes a memory as JSONL, an entry on each line:
 *
 * <pre>
 * {"entry":0,"text":" the small river","tokens":[265,1021,3300],"frozen":true,"uses":12}
 * {"entry":0,"vector":[0.25,-1.5],"frozen":false}
 * </pre>
 *
 * <p>Entries that are addressed by text have the keys {@code owner}, the tag of their context, and
 * {@code votes} as well; empty ones are left out. {@link MemoryImport} reads all of it back to the
 * same bits.
 */
public final class MemoryExport {
  private static final int CHUNK_ELEMENTS = 1 << 20;

  private final LanguageModel model;
  private final Codebook memory;
  private final TokenTexts texts;
  private final int frozen;

  /**
   * An export of a model's memory.
   *
   * @throws UserException if it has none, or the tokenizer has ids that the model does not know
   */
  public MemoryExport(LanguageModel model, TextCodec codec) {
    this.model = model;
    this.memory = Memories.of(model);
    this.texts = new TokenTexts(TextWindows.checked(codec, model));
    this.frozen = Memories.frozen(model);
  }

  /** Writes all entries, replacing the file in one step, and returns how many there were. */
  public int write(Path file) throws IOException {
    return write(file, Optional.empty());
  }

  /**
   * Writes all entries and how often each was used.
   *
   * @param usage of some text, with all entries that were used in its list; empty if not known
   * @return how many entries were written, without those that are empty
   */
  public int write(Path file, Optional<UsageStatistics> usage) throws IOException {
    int[] uses = usage.map(this::counts).orElse(null);
    AtomicInteger written = new AtomicInteger();
    AtomicFile.write(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
          JsonGenerator json = new JsonFactory().createGenerator(out);
          json.setRootValueSeparator(null);
          for (int from = 0; from < memory.entries(); from += chunk()) {
            int to = Math.min(memory.entries(), from + chunk());
            written.addAndGet(write(json, from, to, uses));
          }
          json.flush();
        });
    return written.get();
  }

  private int[] counts(UsageStatistics usage) {
    int[] counts = new int[memory.entries()];
    for (EntryUse use : usage.mostUsed()) {
      counts[use.entry()] = use.count();
    }
    return counts;
  }

  private int chunk() {
    return Math.max(1, CHUNK_ELEMENTS / memory.width());
  }

  private int write(JsonGenerator json, int from, int to, int[] uses) throws IOException {
    Device device = model.device();
    int written = 0;
    try (Tensor rows = memory.bank().rows(from, to)) {
      boolean tokens = memory instanceof TokenCodebook;
      int[] ids = tokens ? device.transfer().readInts(rows) : null;
      float[] values = tokens ? null : device.transfer().readFloats(rows);
      int[] owners = state(ContextMemory::owners, from, to);
      int[] votes = state(ContextMemory::votes, from, to);
      for (int entry = from; entry < to; entry++) {
        if (votes != null && votes[entry - from] == 0) {
          continue;
        }
        written++;
        json.writeStartObject();
        json.writeNumberField("entry", entry);
        int first = (entry - from) * memory.width();
        if (tokens) {
          tokens(json, ids, first);
        } else {
          vector(json, values, first, entry);
        }
        if (votes != null) {
          json.writeNumberField("owner", owners[entry - from]);
          json.writeNumberField("votes", votes[entry - from]);
        }
        json.writeBooleanField("frozen", entry < frozen);
        if (uses != null) {
          json.writeNumberField("uses", uses[entry]);
        }
        json.writeEndObject();
        json.writeRaw('\n');
      }
    }
    return written;
  }

  /** What a memory that is addressed by text knows of entries; null for other memories. */
  private int[] state(Function<ContextMemory, Tensor> part, int from, int to) {
    return model
        .contexts()
        .map(contexts -> model.device().transfer().readInts(part.apply(contexts).rows(from, to)))
        .orElse(null);
  }

  private void tokens(JsonGenerator json, int[] ids, int first) throws IOException {
    int[] entry = Arrays.copyOfRange(ids, first, first + memory.width());
    json.writeStringField("text", texts.text(entry));
    json.writeFieldName("tokens");
    json.writeArray(entry, 0, entry.length);
  }

  private void vector(JsonGenerator json, float[] values, int first, int entry) throws IOException {
    json.writeArrayFieldStart("vector");
    for (int i = first; i < first + memory.width(); i++) {
      if (!Float.isFinite(values[i])) {
        throw new UserException(
            "entry " + entry + ": found " + values[i] + ", expected finite numbers to export");
      }
      json.writeNumber(values[i]);
    }
    json.writeEndArray();
  }
}
