// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.corpus;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;

/**
 * WordNet 3.1 as text: one document for each of its 117,791 sets of synonyms, the words followed by
 * their definition and example sentences. It comes with a library, so nothing has to be downloaded
 * by hand.
 */
public final class WordNetCorpus {
  /** Name and version. */
  public static final String NAME = "WordNet 3.1";

  private final List<Entry> entries;

  private WordNetCorpus(List<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /** Reads WordNet from the class path; takes about two seconds. */
  public static WordNetCorpus load() {
    try {
      Dictionary dictionary = Dictionary.getDefaultResourceInstance();
      List<Entry> entries = new ArrayList<>();
      for (POS pos : POS.getAllPOS()) {
        Iterator<Synset> synsets = dictionary.getSynsetIterator(pos);
        while (synsets.hasNext()) {
          entries.add(Entry.of(synsets.next()));
        }
      }
      return new WordNetCorpus(entries);
    } catch (JWNLException e) {
      throw new IllegalStateException("WordNet 3.1 on the class path cannot be read", e);
    }
  }

  /** Some of it: every {@code step}-th set of synonyms, from the first on. */
  public WordNetCorpus every(int step) {
    return new WordNetCorpus(
        IntStream.iterate(0, i -> i < entries.size(), i -> i + step)
            .mapToObj(entries::get)
            .collect(Collectors.toList()));
  }

  /** The sets of synonyms, in the order of WordNet. */
  public List<Entry> entries() {
    return entries;
  }

  /** One document for each set of synonyms. */
  public DocumentSource documents() {
    List<Document> documents =
        entries.stream().map(entry -> new Document(entry.text())).collect(Collectors.toList());
    return DocumentSource.of("wordnet-3.1", documents);
  }

  /**
   * A set of synonyms.
   *
   * @param words the synonyms, separated by commas
   * @param gloss definition and example sentences
   */
  public record Entry(String words, String gloss) {
    static Entry of(Synset synset) {
      String words =
          synset.getWords().stream()
              .map(Word::getLemma)
              .map(lemma -> lemma.replace('_', ' '))
              .collect(Collectors.joining(", "));
      return new Entry(words, synset.getGloss().strip());
    }

    /** The words, then the gloss. */
    public String text() {
      return words + ": " + gloss;
    }

    /** The gloss up to its first example sentence. */
    public String definition() {
      int quote = gloss.indexOf("; \"");
      return quote < 0 ? gloss : gloss.substring(0, quote);
    }
  }
}
