// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns a byte-level BPE vocabulary (Sennrich et al. 2016; bytes as in Radford et al. 2019): the
 * pair of neighbouring tokens that occurs most becomes a token, again and again.
 *
 * <p>Deterministic: of several pairs that occur equally often the one with the lower left id, then
 * the lower right id, is merged, as Hugging Face's trainer does; the same text gives the same ids
 * as there, with {@code initial_alphabet=ByteLevel.alphabet()}. Differences: no merge makes the
 * text of a special token or a token of more than {@value #LONGEST_TOKEN} bytes, and of more than 4
 * million different words the rarest are not counted.
 */
public final class BpeTrainer {

  private static final Logger LOG = LoggerFactory.getLogger(BpeTrainer.class);
  private static final int REPORT_EVERY = 64;

  /**
   * Bytes of the longest token. Without a limit a run of one character gives tokens that double in
   * length, up to that of the run: a file that cannot be read again.
   */
  static final int LONGEST_TOKEN = 1024;

  private final BpeConfig config;

  /** A trainer of one kind of vocabulary, for any number of texts. */
  public BpeTrainer(BpeConfig config) {
    this.config = config;
  }

  /**
   * Learns from all documents of a source. Holds the different words of the text in memory, of
   * which there is a limit, not the text.
   *
   * @throws org.mneme.compute.UserException when the source cannot be read
   */
  public BpeVocabulary train(DocumentSource source, ProgressListener progress) {
    WordCounts counts = new WordCounts();
    counts.count(source, progress);
    Run run = new Run(config, counts);
    run.merge(progress);
    if (run.tokens.size() < config.vocabularySize()) {
      LOG.warn(
          "{} gives a vocabulary of {} and not {}: no pair is left that occurs {} times",
          source.name(),
          run.tokens.size(),
          config.vocabularySize(),
          config.minimumCount());
    }
    return new BpeVocabulary(config.specialTokens(), run.tokens, run.merges);
  }

  /** The state of one training. */
  private static final class Run {
    private final BpeConfig config;
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<BpeVocabulary.Merge> merges = new ArrayList<>();
    private final PairTable pairs = new PairTable();
    private final int[][] words;
    private final long[] counts;

    Run(BpeConfig config, WordCounts wordCounts) {
      this.config = config;
      config.specialTokens().inOrder().forEach(this::addToken);
      ByteAlphabet alphabet = new ByteAlphabet();
      int firstByte = tokens.size();
      for (char character : alphabet.ordered()) {
        addToken(String.valueOf(character));
      }
      words = new int[wordCounts.size()][];
      counts = new long[wordCounts.size()];
      int[] idOfByte = new int[256];
      Arrays.setAll(idOfByte, b -> firstByte + alphabet.rank(b));
      int[] next = {0};
      wordCounts.forEach(
          (word, count) -> {
            words[next[0]] = encode(word, idOfByte);
            counts[next[0]++] = count;
          });
      for (int word = 0; word < words.length; word++) {
        countPairs(word);
      }
      pairs.enqueueAll();
    }

    private int addToken(String token) {
      ids.put(token, tokens.size());
      tokens.add(token);
      return tokens.size() - 1;
    }

    private static int[] encode(String word, int[] idOfByte) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      int[] encoded = new int[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        encoded[i] = idOfByte[bytes[i] & 0xff];
      }
      return encoded;
    }

    private void countPairs(int word) {
      int[] symbols = words[word];
      for (int i = 0; i + 1 < symbols.length; i++) {
        pairs.add(symbols[i], symbols[i + 1], counts[word], word);
      }
    }

    void merge(ProgressListener progress) {
      int wanted = config.vocabularySize();
      Set<String> special = Set.copyOf(config.specialTokens().inOrder());
      while (tokens.size() < wanted) {
        PairTable.Pair pair = pairs.poll();
        if (pair == null || pair.count() < config.minimumCount()) {
          break;
        }
        String text = tokens.get(pair.left) + tokens.get(pair.right);
        if (text.length() <= LONGEST_TOKEN && !special.contains(text)) {
          apply(pair, text);
        }
        if (tokens.size() % REPORT_EVERY == 0) {
          progress.progress("merge", tokens.size(), wanted);
        }
      }
      progress.progress("merge", tokens.size(), tokens.size());
    }

    private void apply(PairTable.Pair pair, String text) {
      // Two ways of dividing a text may both be merged: "ab"+"c" and "a"+"bc" are one token.
      Integer known = ids.get(text);
      int merged = known == null ? addToken(text) : known;
      merges.add(new BpeVocabulary.Merge(pair.left, pair.right, merged));
      Set<Long> risen = new HashSet<>();
      for (int word : pair.words()) {
        rewrite(word, pair, merged, risen);
      }
      risen.forEach(pairs::enqueue);
    }

    /** Merges the pair in a word, moving only the counts of the pairs that change. */
    private void rewrite(int word, PairTable.Pair pair, int merged, Set<Long> risen) {
      int[] symbols = words[word];
      long count = counts[word];
      int size = 0;
      int next = 0;
      // The merged word is written over the old one, behind which it always stays.
      while (next < symbols.length) {
        if (!isPair(symbols, next, pair)) {
          symbols[size++] = symbols[next++];
          continue;
        }
        next += 2;
        pairs.add(pair.left, pair.right, -count, word);
        if (size > 0) {
          int previous = symbols[size - 1];
          pairs.add(previous, merged, count, word);
          pairs.add(previous, pair.left, -count, word);
          risen.add(PairTable.key(previous, merged));
        }
        if (next < symbols.length) {
          int following = symbols[next];
          pairs.add(merged, following, count, word);
          pairs.add(pair.right, following, -count, word);
          risen.add(PairTable.key(merged, following));
        }
        symbols[size++] = merged;
      }
      words[word] = size == symbols.length ? symbols : Arrays.copyOf(symbols, size);
    }

    private static boolean isPair(int[] symbols, int at, PairTable.Pair pair) {
      return at + 1 < symbols.length && symbols[at] == pair.left && symbols[at + 1] == pair.right;
    }
  }
}
