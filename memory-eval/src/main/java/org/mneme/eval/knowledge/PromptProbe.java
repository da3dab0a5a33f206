// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.eval.TextWindows;
import org.mneme.eval.inspect.NearestTokens;
import org.mneme.eval.inspect.TokenTexts;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.layers.LayerContext;

/** Lets a model read a prompt and tells what it selects meanwhile and expects next. */
public final class PromptProbe {
  private static final int NEAREST = 8;

  private final LanguageModel model;
  private final TextCodec codec;
  private final TokenTexts texts;

  /**
   * A probe of a model.
   *
   * @throws UserException if it has no memory, or the tokenizer has ids that the model does not
   *     know
   */
  public PromptProbe(LanguageModel model, TextCodec codec) {
    Memories.of(model);
    this.model = model;
    this.codec = TextWindows.checked(codec, model);
    this.texts = new TokenTexts(codec);
  }

  /**
   * The entries that a prompt selects, those with the largest weights first.
   *
   * @param prompt follows the begin token
   * @param limit how many entries at most
   * @throws UserException if the prompt is longer than the model's longest sequence
   */
  public List<PromptReads> reads(String prompt, int limit) {
    Map<Integer, List<SelectedPlace>> places = new TreeMap<>();
    run(prompt, (entry, place) -> places.computeIfAbsent(entry, e -> new ArrayList<>()).add(place));
    return places.entrySet().stream()
        .map(entry -> new PromptReads(entry.getKey(), total(entry.getValue()), entry.getValue()))
        .sorted(Comparator.comparingDouble(PromptReads::weight).reversed())
        .limit(limit)
        .toList();
  }

  /** An entry as a person reads it: its tokens, or the tokens nearest to its vector. */
  public String text(int entry) {
    Codebook memory = Memories.of(model);
    Memories.requireEntry(memory, entry);
    if (memory instanceof TokenCodebook tokens) {
      return texts.text(tokens.read(entry));
    }
    List<Integer> nearest = new NearestTokens(model, NEAREST).of((VectorCodebook) memory, entry);
    return nearest.stream().map(texts::token).collect(Collectors.joining(" | "));
  }

  private static double total(List<SelectedPlace> places) {
    return places.stream().mapToDouble(SelectedPlace::weight).sum();
  }

  /** What a prompt leads to. */
  @SuppressWarnings("ArrayRecordComponent")
  record Reading(double[] next, List<SelectedPlace> places) {}

  /** Reads a prompt and looks for one entry. */
  Reading read(String prompt, int entry) {
    List<SelectedPlace> places = new ArrayList<>();
    double[] next =
        run(
            prompt,
            (selected, place) -> {
              if (selected == entry) {
                places.add(place);
              }
            });
    return new Reading(next, places);
  }

  /** Takes selections. */
  private interface Sink {
    void selected(int entry, SelectedPlace place);
  }

  /** Returns the probabilities of the token behind the prompt. */
  private double[] run(String prompt, Sink sink) {
    int[] ids = begin(prompt);
    Device device = model.device();
    int vocabulary = model.config().vocabSize();
    try (Tensor input = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, ids.length);
        Tensor floats = device.allocate(MemoryTag.ACTIVATIONS, DType.F32, 1, vocabulary);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(ids, input);
      LayerContext context =
          LayerContext.evaluation(
              tape,
              1,
              ids.length,
              (layer, indices, weights, query, keyQuery) ->
                  tell(ids, layer, indices, weights, sink));
      Tensor hidden = model.hidden(context, input).value();
      Var last = Var.constant(hidden.rows(ids.length - 1L, ids.length));
      device.transfer().copy(model.logits(tape, last).value(), floats);
      return softmax(device.transfer().readFloats(floats), codec.vocabularySize());
    }
  }

  private int[] begin(String prompt) {
    int[] text = codec.encode(prompt);
    int longest = model.config().maxSeqLen();
    if (text.length + 1 > longest) {
      throw new UserException(
          "prompt has " + text.length + " tokens, expected at most " + (longest - 1));
    }
    int[] ids = new int[text.length + 1];
    ids[0] = codec.beginId();
    System.arraycopy(text, 0, ids, 1, text.length);
    return ids;
  }

  private void tell(int[] ids, int layer, Tensor indices, Tensor weights, Sink sink) {
    int slots = Math.toIntExact(indices.shape().columns());
    int[] chosen = indices.device().transfer().readInts(indices);
    float[] weight = weights.device().transfer().readFloats(weights);
    int perPosition = chosen.length / ids.length;
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i] < 0) {
        continue; // A context that the memory has no entry for.
      }
      int position = i / perPosition;
      int head = i % perPosition / slots;
      String token = texts.token(ids[position]);
      sink.selected(
          chosen[i], new SelectedPlace(layer, position, token, head, i % slots, weight[i]));
    }
  }

  /** Over the tokens that there are: a model may have more rows of embeddings. */
  private static double[] softmax(float[] logits, int tokens) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < tokens; id++) {
      largest = Math.max(largest, logits[id]);
    }
    double[] probabilities = new double[tokens];
    double sum = 0;
    for (int id = 0; id < tokens; id++) {
      probabilities[id] = Math.exp(logits[id] - largest);
      sum += probabilities[id];
    }
    for (int id = 0; id < tokens; id++) {
      probabilities[id] /= sum;
    }
    return probabilities;
  }
}
