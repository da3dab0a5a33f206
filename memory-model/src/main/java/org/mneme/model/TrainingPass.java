// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

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
  private final Tensor targets;
  private final Tensor rowScale;
  private final Tensor rowLosses;
  private final Tensor crossEntropy;
  private final Tensor balanceLoss;
  private final Closer closer = new Closer();

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
   * add up to the weighted mean over all their targets.
   *
   * @param total weight of the targets of all parts, above 0
   * @throws IllegalArgumentException if a length or an id is out of range, or no target has a
   *     weight
   */
  public void load(int[] ids, int[] nextIds, TargetWeights weights, double total) {
    TokenBatches.check("inputIds", ids, batch, sequence, model.config().vocabSize(), false);
    TokenBatches.check("targets", nextIds, batch, sequence, model.config().vocabSize(), true);
    if (!(total > 0)) {
      throw new IllegalArgumentException("targets: all positions are masked, or have the weight 0");
    }
    device.transfer().writeInts(ids, inputIds);
    device.transfer().writeInts(nextIds, targets);
    device.transfer().writeFloats(weights.scaled(nextIds, 1 / total), rowScale);
    if (sources != null) {
      device.transfer().fill(sources, 0);
    }
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
      device.transfer().writeInts(places, sources);
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
                  tape, batch, sequence, true, balanceOutput(), scale, observer, Optional.empty())
              .at(sources());
      Var hidden = model.hidden(context, inputIds);
      classifier.forwardBackward(hidden, targets, rowScale, rowLosses);
      device.neural().sum(rowLosses, 1f, Accumulation.ADD, crossEntropy);
      tape.backward();
    }
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

  /** The token ids that were loaded [B, T] I32. */
  public Tensor inputIds() {
    return inputIds;
  }

  /** Where the loaded micro-batch stands [B·T] I32, for a memory that reads; else empty. */
  public Optional<Tensor> sources() {
    return Optional.ofNullable(sources);
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
    return recorder.batch(inputIds, updateNumber, measured);
  }

  @Override
  public void close() {
    closer.close();
  }
}
