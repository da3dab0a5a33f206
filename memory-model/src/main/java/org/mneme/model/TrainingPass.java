// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.util.Arrays;
import java.util.Optional;
import org.mneme.compute.Closer;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.Accumulation;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.ema.EmaBatch;
import org.mneme.model.autograd.Tape;
import org.mneme.model.autograd.Var;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;

/**
 * Forward and backward over batches of one shape. Inputs and results stand in tensors that stay
 * where they are, so that {@link #run} can be captured and replayed.
 *
 * <p>Where the lengths of the texts are known, padding takes part in nothing. A device that runs
 * work again instead of replaying it is spared the positions that are padding in every sequence, up
 * to the next power of two: what is left does not depend on how long sequences might have been.
 *
 * <p>Gradients and losses add up over runs until the caller sets them to 0: one run for each
 * micro-batch.
 */
public final class TrainingPass implements AutoCloseable {
  /** The target that masks a position. */
  public static final int MASKED = -100;

  private final LanguageModel model;
  private final Device device;
  private final int batch;
  private final int sequence;
  private final float scale;
  private final ClassifierLoss classifier;
  private final SelectionRecorder recorder;
  private final Tensor inputIds;
  private final Tensor sources;
  private final Tensor valid;
  private final Tensor targets;
  private final Tensor rowScale;
  private final Tensor rowLosses;
  private final Tensor crossEntropy;
  private final Tensor balanceLoss;
  private final Closer closer = new Closer();
  private int length;
  private boolean masked;

  /**
   * Prepares a pass.
   *
   * @param model trainable
   * @param batch B, sequences of a micro-batch
   * @param sequence T, at most the model's max_seq_len
   * @param scale factor of the balance loss and of a mean over the targets of one micro-batch: 1 /
   *     micro-batches of an optimiser step
   */
  public TrainingPass(LanguageModel model, int batch, int sequence, float scale) {
    this.model = model;
    this.device = model.device();
    this.batch = batch;
    this.sequence = sequence;
    this.scale = scale;
    this.length = sequence;
    this.classifier = new ClassifierLoss(device, model.embeddings());
    long positions = (long) batch * sequence;
    try {
      this.recorder =
          model.config().movesByEma()
              ? closer.add(new SelectionRecorder(model, batch, sequence))
              : null;
      this.inputIds =
          closer.add(device.allocate(MemoryTag.ACTIVATIONS, DType.I32, batch, sequence));
      this.sources = model.contexts().isPresent() ? allocate(DType.I32, positions) : null;
      model.contexts().ifPresent(this::keepOrigins);
      this.valid = model.config().hasMemory() ? allocate(DType.I32, positions) : null;
      this.targets = allocate(DType.I32, positions);
      this.rowScale = allocate(DType.F32, positions);
      this.rowLosses = allocate(DType.F32, positions);
      this.crossEntropy = allocate(DType.F32, 1);
      this.balanceLoss = allocate(DType.F32, 1);
      device.transfer().fill(crossEntropy, 0);
      device.transfer().fill(balanceLoss, 0);
    } catch (RuntimeException | Error e) {
      throw closer.closeAfter(e);
    }
  }

  private Tensor allocate(DType dtype, long elements) {
    return closer.add(device.allocate(MemoryTag.ACTIVATIONS, dtype, elements));
  }

  private void keepOrigins(ContextMemory contexts) {
    closer.add(contexts::forgetOrigins);
    contexts.keepOrigins();
  }

  /**
   * Brings a micro-batch to the device whose loss is the mean over its own targets, scaled.
   *
   * @param ids token ids [B, T], each in 0 … V−1
   * @param nextIds targets [B, T]; {@value #MASKED} masks a position
   * @throws IllegalArgumentException if a length or an id is out of range, or all is masked
   */
  public void load(int[] ids, int[] nextIds) {
    load(ids, nextIds, TargetWeights.EQUAL, TargetWeights.EQUAL.sum(nextIds) / scale);
  }

  /**
   * Brings a micro-batch to the device that is a part of a larger batch: the losses of all parts
   * add up to the weighted mean over all their targets. All positions count as text.
   *
   * @param total weight of the targets of all parts, above 0
   * @throws IllegalArgumentException if a length or an id is out of range, or no target has a
   *     weight
   */
  public void load(int[] ids, int[] nextIds, TargetWeights weights, double total) {
    load(ids, nextIds, null, weights, total);
  }

  /**
   * Like {@link #load(int[], int[], TargetWeights, double)}, of sequences that are padded.
   *
   * @param lengths positions of each sequence that hold text, from its beginning [B]; what follows
   *     them is masked, counts in no statistic of a memory, moves no entry and takes part in no
   *     balance loss; null: all positions hold text
   */
  public void load(int[] ids, int[] nextIds, int[] lengths, TargetWeights weights, double total) {
    TokenBatches.check("inputIds", ids, batch, sequence, model.config().vocabSize(), false);
    TokenBatches.check("targets", nextIds, batch, sequence, model.config().vocabSize(), true);
    if (!(total > 0)) {
      throw new IllegalArgumentException("targets: all positions are masked, or have the weight 0");
    }
    masked = lengths != null;
    length = masked ? computed(lengths, nextIds) : sequence;
    int[] shortened = shortened(nextIds);
    device.transfer().writeInts(shortened(ids), now(inputIds));
    device.transfer().writeInts(shortened, now(targets));
    device.transfer().writeFloats(weights.scaled(shortened, 1 / total), now(rowScale));
    if (sources != null) {
      device.transfer().fill(sources, 0);
    }
    if (masked && valid != null) {
      device.transfer().writeInts(validity(lengths), now(valid));
    }
  }

  /** Positions of a sequence that are computed. */
  private int computed(int[] lengths, int[] nextIds) {
    if (lengths.length != batch) {
      throw new IllegalArgumentException("lengths: expected " + batch + ", got " + lengths.length);
    }
    for (int row = 0; row < batch; row++) {
      if (lengths[row] < 0 || lengths[row] > sequence) {
        throw new IllegalArgumentException(
            "lengths[" + row + "]: expected 0 to " + sequence + ", got " + lengths[row]);
      }
      for (int t = lengths[row]; t < sequence; t++) {
        if (nextIds[row * sequence + t] != MASKED) {
          throw new IllegalArgumentException(
              "targets[" + row + ", " + t + "]: expected " + MASKED + " after the text");
        }
      }
    }
    return TextLengths.computed(device, lengths, sequence);
  }

  private int[] shortened(int[] values) {
    return TextLengths.shortened(values, sequence, length);
  }

  private int[] validity(int[] lengths) {
    int[] validity = new int[batch * length];
    for (int row = 0; row < batch; row++) {
      Arrays.fill(validity, row * length, row * length + lengths[row], 1);
    }
    return validity;
  }

  /** The part of a tensor of all positions that the loaded micro-batch needs [B·T′]. */
  private Tensor now(Tensor tensor) {
    long positions = (long) batch * length;
    return tensor.reshape((long) batch * sequence).rows(0, positions);
  }

  /**
   * Tells where in the training's text the loaded micro-batch stands. A memory that reads then
   * passes over what it has from the very position that asks; without this, a text that is read
   * again finds itself, word for word.
   *
   * @param places a number for each position [B, T], the same whenever the same place of a text is
   *     read, 0 where it is not known
   * @throws IllegalArgumentException if there are more or fewer
   */
  public void locate(int[] places) {
    if (places.length != inputIds.elementCount()) {
      throw new IllegalArgumentException(
          "places: found " + places.length + ", expected " + inputIds.elementCount());
    }
    if (sources != null) {
      device.transfer().writeInts(shortened(places), now(sources));
    }
  }

  /**
   * Runs forward and backward over the loaded micro-batch: adds to the gradients, to {@link
   * #crossEntropy} and to {@link #balanceLoss}.
   *
   * @param record whether to keep what the memory layers select for {@link #selections}
   */
  public void run(boolean record) {
    SelectionObserver observer = record && recorder != null ? recorder : SelectionObserver.NONE;
    try (Tape tape = Tape.recording(device)) {
      LayerContext context =
          new LayerContext(
                  tape, batch, length, true, balanceOutput(), scale, observer, Optional.empty())
              .at(sources())
              .masked(Optional.ofNullable(validity()));
      Var hidden = model.hidden(context, inputIds());
      classifier.forwardBackward(hidden, now(targets), now(rowScale), now(rowLosses));
      device.neural().sum(now(rowLosses), 1f, Accumulation.ADD, crossEntropy);
      tape.backward();
    }
  }

  private Tensor validity() {
    return masked && valid != null ? now(valid) : null;
  }

  private Optional<Tensor> balanceOutput() {
    boolean wanted = model.config().hasMemory() && model.config().balanceLossCoef() > 0;
    return wanted ? Optional.of(balanceLoss) : Optional.empty();
  }

  /** Sets both losses to 0. */
  public void resetLosses() {
    device.transfer().fill(crossEntropy, 0);
    device.transfer().fill(balanceLoss, 0);
  }

  /** The mean cross-entropy in nats, scaled and added up over runs [1] F32. */
  public Tensor crossEntropy() {
    return crossEntropy;
  }

  /** balance_loss_coef · the balance loss, scaled and added up over runs [1] F32. */
  public Tensor balanceLoss() {
    return balanceLoss;
  }

  /** The token ids that were loaded [B, T′] I32, T′ ≤ T positions as far as there is text. */
  public Tensor inputIds() {
    return now(inputIds).reshape(batch, length);
  }

  /** Where the loaded micro-batch stands [B·T′] I32, for a memory that reads; else empty. */
  public Optional<Tensor> sources() {
    return Optional.ofNullable(sources).map(this::now);
  }

  /**
   * What the memory layers selected in the last run that recorded.
   *
   * @param updateNumber of the EMA update, counted from 1
   * @param measured whether the update shall report what it changed
   * @throws IllegalStateException if the model's memory is not moved by EMA
   */
  public EmaBatch selections(long updateNumber, boolean measured) {
    if (recorder == null) {
      throw new IllegalStateException("the memory of this model is not moved by EMA");
    }
    return recorder.batch(inputIds(), validity(), updateNumber, measured);
  }

  @Override
  public void close() {
    closer.close();
  }
}
