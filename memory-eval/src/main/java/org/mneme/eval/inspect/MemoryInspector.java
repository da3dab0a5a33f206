// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.eval.LossEvaluator;
import org.mneme.eval.TextWindows;
import org.mneme.eval.TokenBatch;
import org.mneme.eval.WindowBatch;
import org.mneme.eval.inspect.TopContexts.Candidate;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.statistics.EntryUse;
import org.mneme.memory.statistics.UsageStatistics;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.TokenLosses;

/**
 * Shows entries of a memory as a person can read them: their tokens (or the tokens nearest to their
 * vectors), how often they are selected on given texts, and for which places.
 *
 * <pre>{@code
 * MemoryInspection inspection =
 *     new MemoryInspector(model, codec, InspectionConfig.DEFAULT)
 *         .mostUsed(texts, Optional.of(snapshot));
 * }</pre>
 */
public final class MemoryInspector {
  private final LanguageModel model;
  private final Codebook memory;
  private final TextCodec codec;
  private final TokenTexts texts;
  private final InspectionConfig config;

  /**
   * An inspector of a model's memory.
   *
   * @throws UserException if the model has no memory, or the tokenizer has ids that the model does
   *     not know
   */
  public MemoryInspector(LanguageModel model, TextCodec codec, InspectionConfig config) {
    this.model = model;
    this.memory =
        model
            .memory()
            .orElseThrow(
                () ->
                    new UserException(
                        "the model has no memory (memory_store is none), expected one to inspect"));
    this.codec = TextWindows.checked(codec, model);
    this.texts = new TokenTexts(codec);
    this.config = config;
  }

  /**
   * The entries that are used most on the given texts, which are read twice: to find these entries,
   * and then their places.
   *
   * @param initial the entries as they once were; empty for none, always so for vectors
   */
  public MemoryInspection mostUsed(Iterable<String> documents, Optional<MemorySnapshot> initial) {
    LossEvaluator evaluator = new LossEvaluator(model, config.entries());
    UsageStatistics usage =
        evaluator.evaluate(documents, codec, config.batchSize()).usage().orElseThrow();
    return mostUsed(usage, documents, initial);
  }

  /**
   * The most used entries, when the use is known already.
   *
   * @param usage which entries these are, as measured by {@link LossEvaluator} on any text; as many
   *     as it lists and the configuration shows
   * @param documents where to look for places
   * @param initial the entries as they once were; empty for none, always so for vectors
   */
  public MemoryInspection mostUsed(
      UsageStatistics usage, Iterable<String> documents, Optional<MemorySnapshot> initial) {
    List<Integer> entries =
        usage.mostUsed().stream().limit(config.entries()).map(EntryUse::entry).toList();
    return entries(entries, documents, initial);
  }

  /**
   * The entries of which most tokens changed.
   *
   * @throws UserException if the memory has no tokens, or the snapshot is of another shape
   */
  public MemoryInspection mostChanged(Iterable<String> documents, MemorySnapshot initial) {
    List<Integer> entries = changes(initial).mostChanged();
    return entries(entries, documents, Optional.of(initial));
  }

  /**
   * Given entries.
   *
   * @param entries distinct indices, each 0 to M−1
   * @param documents on these texts uses are counted and places are looked for
   * @param initial the entries as they once were; empty for none, always so for vectors
   * @throws UserException if an index is out of range or given twice, or the snapshot is of another
   *     shape
   */
  public MemoryInspection entries(
      List<Integer> entries, Iterable<String> documents, Optional<MemorySnapshot> initial) {
    check(entries);
    initial.ifPresent(snapshot -> requireTokens(snapshot));
    SelectionCollector collector = new SelectionCollector(memory.entries(), entries, config);
    TokenLosses pass = new TokenLosses(model, collector);
    for (WindowBatch batch : new TextWindows(model, codec, documents, config.batchSize())) {
      collector.begin(batch);
      TokenBatch tokens = batch.tokens();
      pass.of(tokens.ids(), tokens.targets(), tokens.batch(), tokens.sequence());
    }
    List<EntryInspection> inspected = new ArrayList<>();
    for (int number = 0; number < entries.size(); number++) {
      inspected.add(inspect(entries.get(number), number, collector, initial));
    }
    return new MemoryInspection(collector.positions(), inspected);
  }

  /**
   * How the whole memory changed; lists as many of the most changed entries as the configuration
   * shows.
   *
   * @throws UserException if the memory has no tokens, or the snapshot is of another shape
   */
  public MemoryChanges changes(MemorySnapshot initial) {
    return new ChangeScan(initial, requireTokens(initial), config.entries()).run();
  }

  private TokenCodebook requireTokens(MemorySnapshot initial) {
    if (!(memory instanceof TokenCodebook tokens)) {
      throw new UserException(
          "the model's memory holds vectors, expected tokens to compare with a snapshot");
    }
    initial.requireShapeOf(tokens);
    return tokens;
  }

  private void check(List<Integer> entries) {
    for (int entry : entries) {
      if (entry < 0 || entry >= memory.entries()) {
        throw new UserException("entry is " + entry + ", expected 0 to " + (memory.entries() - 1));
      }
    }
    if (entries.stream().distinct().count() < entries.size()) {
      throw new UserException("entries are " + entries + ", expected each once");
    }
  }

  private EntryInspection inspect(
      int entry, int number, SelectionCollector collector, Optional<MemorySnapshot> initial) {
    List<EntryToken> tokens = List.of();
    List<String> nearest = List.of();
    String text = "";
    if (memory instanceof TokenCodebook codebook) {
      int[] now = codebook.read(entry);
      text = texts.text(now);
      tokens = tokens(initial.map(snapshot -> snapshot.tokens(entry)).orElse(now), now);
    } else if (memory instanceof VectorCodebook vectors) {
      nearest =
          new NearestTokens(model, config.nearestTokens())
              .of(vectors, entry).stream().map(texts::token).toList();
    }
    List<SelectionContext> contexts =
        collector.contexts(number).stream().map(this::context).toList();
    return new EntryInspection(
        entry,
        collector.uses(number),
        collector.firstUses(number),
        text,
        tokens,
        nearest,
        contexts);
  }

  private List<EntryToken> tokens(int[] before, int[] now) {
    List<EntryToken> tokens = new ArrayList<>();
    for (int k = 0; k < now.length; k++) {
      tokens.add(new EntryToken(before[k], texts.token(before[k]), now[k], texts.token(now[k])));
    }
    return tokens;
  }

  private SelectionContext context(Candidate candidate) {
    Excerpt excerpt = candidate.excerpt();
    return new SelectionContext(
        texts.passage(excerpt.before()),
        texts.token(excerpt.token()),
        texts.passage(excerpt.after()),
        candidate.weight(),
        candidate.layer(),
        candidate.head(),
        candidate.document(),
        candidate.place());
  }
}
