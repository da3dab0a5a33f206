// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.google.common.collect.Iterables;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;

/** Measures how well a model predicts a text, with its memory and without. */
public final class TextEvaluator {
  private final LanguageModel model;
  private final TextCodec codec;
  private final LossEvaluator losses;

  /**
   * An evaluator of a model and its tokenizer.
   *
   * @throws org.mneme.compute.UserException if the tokenizer has ids that the model does not know
   */
  public TextEvaluator(LanguageModel model, TextCodec codec) {
    this.model = model;
    this.codec = TextWindows.checked(codec, model);
    this.losses = new LossEvaluator(model);
  }

  /**
   * On whole documents, which are read more than once.
   *
   * @param source what the text is, for the record
   * @param batchSize most windows of a batch, at least 1
   * @throws org.mneme.compute.UserException if there is no document
   */
  public TextEvaluation evaluate(String source, Iterable<String> documents, int batchSize) {
    Iterable<TokenBatch> batches =
        Iterables.transform(
            new TextWindows(model, codec, documents, batchSize), WindowBatch::tokens);
    long bytes = 0;
    for (String document : documents) {
      bytes += bytes(document);
    }
    return evaluate(source, batches, bytes);
  }

  /**
   * On prepared batches; bytes are counted in what their targets are decoded to.
   *
   * @throws org.mneme.compute.UserException if no position has a target
   */
  public TextEvaluation evaluate(String source, List<TokenBatch> batches) {
    return evaluate(source, batches, batches.stream().mapToLong(this::bytes).sum());
  }

  private TextEvaluation evaluate(String source, Iterable<TokenBatch> batches, long bytes) {
    LossResult result = losses.evaluate(batches);
    boolean memory = model.memory().isPresent();
    return new TextEvaluation(
        source,
        result.loss(),
        result.perplexity(),
        result.loss() * result.tokens() / Math.log(2) / bytes,
        result.tokens(),
        bytes,
        memory ? losses.withoutReads(batches) : null,
        result.usage().map(usage -> MemoryUse.of(null, usage)).orElse(null));
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private long bytes(TokenBatch batch) {
    int[] targets = batch.targets();
    long bytes = 0;
    for (int row = 0; row < batch.batch(); row++) {
      int from = row * batch.sequence();
      int[] counted =
          IntStream.range(from, from + batch.sequence())
              .filter(batch::counts)
              .map(i -> targets[i])
              .toArray();
      bytes += bytes(codec.decode(counted));
    }
    return bytes;
  }
}
