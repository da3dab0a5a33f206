// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.LanguageModel;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.SafetensorsWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logits of some sequences, kept in a safetensors file: {@code input_ids.N} [T] and {@code
 * logits.N} [T, V] for each sequence; model, dtype and device in the metadata.
 */
final class GoldenLogits {
  /** The system property that lets files be written. */
  static final String UPDATE = "mneme.golden.update";

  private static final Logger LOG = LoggerFactory.getLogger(GoldenLogits.class);

  private final Path file;
  private final LanguageModel model;
  private final Tolerance tolerance;
  private final List<int[]> sequences;
  private final List<float[]> logits = new ArrayList<>();

  GoldenLogits(Path file, LanguageModel model, Tolerance tolerance, List<int[]> sequences) {
    this.file = file;
    this.model = model;
    this.tolerance = tolerance;
    this.sequences = sequences;
    sequences.forEach(ids -> logits.add(logits(ids)));
  }

  /** The logits of every position [T·V], without noise or state. */
  private float[] logits(int[] ids) {
    Device device = model.device();
    long vocabulary = model.config().vocabSize();
    try (Tensor input = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, 1, ids.length);
        Tensor asFloats =
            device.allocate(MemoryTag.ACTIVATIONS, DType.F32, ids.length, vocabulary);
        Tape tape = Tape.notRecording(device)) {
      device.transfer().writeInts(ids, input);
      LayerContext context = LayerContext.evaluation(tape, 1, ids.length, SelectionObserver.NONE);
      Var found = model.logits(tape, model.hidden(context, input));
      device.transfer().copy(found.value(), asFloats);
      return device.transfer().readFloats(asFloats);
    }
  }

  /**
   * Compares with the file. If that does not fit and {@value #UPDATE} is set to true, the file is
   * written anew.
   *
   * @return what is wrong; empty if nothing is
   */
  Optional<String> check() {
    Optional<String> fault = compare();
    if (fault.isEmpty() || !Boolean.getBoolean(UPDATE)) {
      return fault.map(text -> text + hint());
    }
    write();
    LOG.warn("Recorded {}, since {}=true; before: {}", file, UPDATE, fault.get());
    return Optional.empty();
  }

  private static String hint() {
    return "\nIf this is meant, record it with -D" + UPDATE + "=true and look at what you commit.";
  }

  private Optional<String> compare() {
    if (!Files.exists(file)) {
      return Optional.of("there is no golden file " + file.toAbsolutePath());
    }
    try (SafetensorsFile golden = SafetensorsFile.open(file)) {
      for (int i = 0; i < sequences.size(); i++) {
        Optional<String> fault = compare(golden, i);
        if (fault.isPresent()) {
          return fault;
        }
      }
      return golden.find(idsName(sequences.size())).isPresent()
          ? Optional.of(file + " has more sequences than the " + sequences.size() + " given")
          : Optional.empty();
    }
  }

  private Optional<String> compare(SafetensorsFile golden, int number) {
    if (golden.find(idsName(number)).isEmpty()) {
      return Optional.of(file + " has no sequence " + number);
    }
    int[] ids = golden.readInts(idsName(number));
    if (!Arrays.equals(ids, sequences.get(number))) {
      return Optional.of(
          String.format(
              "sequence %d of %s was recorded for the tokens %s, found %s",
              number, file, Arrays.toString(ids), Arrays.toString(sequences.get(number))));
    }
    float[] expected = golden.readFloats(logitsName(number));
    float[] found = logits.get(number);
    if (expected.length != found.length) {
      return Optional.of(
          String.format(
              "sequence %d of %s has logits of a vocabulary of %d, found %d",
              number, file, expected.length / ids.length, found.length / ids.length));
    }
    return worst(golden, number, found, expected);
  }

  private Optional<String> worst(
      SafetensorsFile golden, int number, float[] found, float[] expected) {
    int worst = 0;
    int off = 0;
    double most = 0;
    for (int i = 0; i < found.length; i++) {
      double excess = tolerance.excess(found[i], expected[i]);
      off += excess > 1 ? 1 : 0;
      if (excess > most) {
        most = excess;
        worst = i;
      }
    }
    if (off == 0) {
      return Optional.empty();
    }
    int vocabulary = model.config().vocabSize();
    return Optional.of(
        String.format(
            Locale.ROOT,
            "logits of sequence %d differ from %s: %d of %d are off. The worst is that of token %d"
                + " at position %d: found %s, expected %s ± %.2g, which is off by %.3g times what"
                + " is allowed%s",
            number,
            file,
            off,
            found.length,
            worst % vocabulary,
            worst / vocabulary,
            found[worst],
            expected[worst],
            tolerance.around(expected[worst]),
            most,
            otherOrigin(golden)));
  }

  /** What else is not as it was when the file was recorded. */
  private String otherOrigin(SafetensorsFile golden) {
    StringBuilder text = new StringBuilder();
    origin()
        .forEach(
            (key, now) -> {
              String then = golden.metadata().get(key);
              if (then != null && !then.equals(now)) {
                text.append("\nrecorded with ").append(key).append(' ').append(then);
                text.append("\nfound now with ").append(key).append(' ').append(now);
              }
            });
    return text.toString();
  }

  private Map<String, String> origin() {
    Map<String, String> origin = new LinkedHashMap<>();
    origin.put("dtype", model.computeType().name().toLowerCase(Locale.ROOT));
    origin.put("device", model.device().info().description());
    origin.put("model", new JsonConfig().tree(model.config()).toString());
    return origin;
  }

  private void write() {
    SafetensorsWriter writer = new SafetensorsWriter();
    origin().forEach(writer::metadata);
    for (int i = 0; i < sequences.size(); i++) {
      int[] ids = sequences.get(i);
      writer.tensor(idsName(i), new long[] {ids.length}, ids);
      long[] shape = {ids.length, model.config().vocabSize()};
      writer.tensor(logitsName(i), shape, logits.get(i));
    }
    try {
      writer.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written", e);
    }
  }

  private static String idsName(int number) {
    return "input_ids." + number;
  }

  private static String logitsName(int number) {
    return "logits." + number;
  }
}
