// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.google.common.collect.AbstractIterator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;

/**
 * Documents as batches. A document is its begin token, its text and its end token; one that is
 * longer than the model is cut into windows that follow each other, so that each of its tokens is a
 * target once. A window sees nothing of the one before it.
 *
 * <p>Documents are read as they are needed, a few batches ahead: windows of similar length share a
 * batch, so that there is little padding. The order of batches depends on nothing but the texts.
 */
public final class TextWindows implements Iterable<WindowBatch> {
  private static final int BATCHES_AHEAD = 32;

  private final Iterable<String> documents;
  private final TextCodec codec;
  private final int maxLength;
  private final int batchSize;

  /**
   * Prepares documents for a model.
   *
   * @param batchSize most windows of a batch, at least 1
   * @throws UserException if the tokenizer has ids that the model does not know
   */
  public TextWindows(
      LanguageModel model, TextCodec codec, Iterable<String> documents, int batchSize) {
    this(documents, checked(codec, model), model.config().maxSeqLen(), batchSize);
  }

  TextWindows(Iterable<String> documents, TextCodec codec, int maxLength, int batchSize) {
    if (batchSize < 1) {
      throw new UserException("batch_size is " + batchSize + ", expected at least 1");
    }
    this.documents = documents;
    this.codec = codec;
    this.maxLength = maxLength;
    this.batchSize = batchSize;
  }

  /**
   * The tokenizer, if it fits the model.
   *
   * @throws UserException if it has ids that the model does not know
   */
  public static TextCodec checked(TextCodec codec, LanguageModel model) {
    int known = model.config().vocabSize();
    if (codec.vocabularySize() > known) {
      throw new UserException(
          "the tokenizer has "
              + codec.vocabularySize()
              + " tokens, expected at most "
              + known
              + ", the model's vocab_size");
    }
    return codec;
  }

  @Override
  public Iterator<WindowBatch> iterator() {
    return new Batches(documents.iterator());
  }

  private final class Batches extends AbstractIterator<WindowBatch> {
    private final Iterator<String> texts;
    private final Deque<WindowBatch> ready = new ArrayDeque<>();
    private long document;

    Batches(Iterator<String> texts) {
      this.texts = texts;
    }

    @Override
    protected WindowBatch computeNext() {
      if (ready.isEmpty()) {
        prepare();
      }
      return ready.isEmpty() ? endOfData() : ready.poll();
    }

    private void prepare() {
      List<TextWindow> windows = new ArrayList<>();
      while (windows.size() < batchSize * (long) BATCHES_AHEAD && texts.hasNext()) {
        addWindows(texts.next(), windows);
      }
      windows.sort(Comparator.comparingInt(TextWindow::length).reversed());
      for (int from = 0; from < windows.size(); from += batchSize) {
        int to = Math.min(windows.size(), from + batchSize);
        ready.add(WindowBatch.of(windows.subList(from, to), codec.padId(), maxLength));
      }
    }

    private void addWindows(String text, List<TextWindow> windows) {
      int[] tokens = wrap(codec.encode(text));
      for (int start = 0; start < tokens.length - 1; start += maxLength) {
        int length = Math.min(maxLength, tokens.length - 1 - start);
        windows.add(new TextWindow(document, tokens, start, length));
      }
      document++;
    }

    private int[] wrap(int[] text) {
      int[] tokens = new int[text.length + 2];
      tokens[0] = codec.beginId();
      System.arraycopy(text, 0, tokens, 1, text.length);
      tokens[tokens.length - 1] = codec.endId();
      return tokens;
    }
  }
}
