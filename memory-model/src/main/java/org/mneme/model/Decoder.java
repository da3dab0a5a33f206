// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.Optional;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.DecodingCache;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;

/**
 * Decodes one sequence token by token; a key/value cache keeps what earlier positions need not
 * compute again.
 */
public final class Decoder implements AutoCloseable {
  private final LanguageModel model;
  private final SelectionObserver observer;
  private final DecodingCache cache;

  /** Begins an empty sequence. */
  public Decoder(LanguageModel model) {
    this(model, SelectionObserver.NONE);
  }

  /** Begins an empty sequence and tells what the model's memory layers select for it. */
  public Decoder(LanguageModel model, SelectionObserver observer) {
    this.model = model;
    this.observer = observer;
    ModelConfig config = model.config();
    long columns = (long) config.nKvHeads() * config.headDim();
    this.cache =
        new DecodingCache(
            model.device(), model.computeType(), config.nLayers(), 1, config.maxSeqLen(), columns);
  }

  /** The positions decoded so far. */
  public int length() {
    return cache.length();
  }

  /** The positions that there is still room for. */
  public int remaining() {
    return cache.capacity() - cache.length();
  }

  /**
   * Appends tokens to the sequence.
   *
   * @param tokens one or more, at most {@link #remaining}
   * @return the logits of the token that follows the last one [V]
   * @throws IllegalArgumentException if there are none, too many, or an id is out of range
   */
  public float[] append(int... tokens) {
    if (tokens.length == 0 || tokens.length > remaining()) {
      throw new IllegalArgumentException(
          "tokens: found "
              + tokens.length
              + ", wanted 1 to "
              + remaining()
              + ", the room left of max_seq_len "
              + cache.capacity());
    }
    int vocabulary = model.config().vocabSize();
    TokenBatches.check("tokens", tokens, 1, tokens.length, vocabulary, false);
    Device device = model.device();
    try (Tensor ids = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, tokens.length);
        Tensor asFloats = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 1, vocabulary);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(tokens, ids);
      Var hidden = model.hidden(context(tape, tokens.length), ids);
      Tensor last = hidden.value().rows(tokens.length - 1L, tokens.length);
      Var logits = model.logits(tape, Var.constant(last));
      cache.advance(tokens.length);
      device.transfer().copy(logits.value(), asFloats);
      return device.transfer().readFloats(asFloats);
    }
  }

  private LayerContext context(Tape tape, int sequence) {
    return new LayerContext(
        tape, 1, sequence, false, Optional.empty(), 0f, observer, Optional.of(cache));
  }

  @Override
  public void close() {
    cache.close();
  }
}
