// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.AbstractAssert;
import org.mneme.model.LanguageModel;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.TensorEntry;
import org.mneme.train.TrainingResult;
import org.mneme.train.TrainingStoppedException;
import org.mneme.train.folder.RunFolder;

/** Assertions about trainings. Each trains, in temporary folders, as long as the recipe says. */
public final class RecipeAssert extends AbstractAssert<RecipeAssert, TrainingRecipe> {
  private static final int CHUNK_BYTES = 1 << 24;

  RecipeAssert(TrainingRecipe recipe) {
    super(recipe, RecipeAssert.class);
  }

  /** A new model gets a gradient of every trainable tensor from the first batch. */
  public RecipeAssert givesGradients() {
    isNotNull();
    try (LanguageModel model = actual.createModel()) {
      new ModelAssert(model).givesGradientsOf(actual.firstBatch());
    }
    return this;
  }

  /** Two trainings of this recipe end with the same bits of every tensor of the model. */
  public RecipeAssert givesTheSameBitsAgain() {
    isNotNull();
    try (TemporaryFolder folder = new TemporaryFolder()) {
      Path first = actual.train(new RunFolder(folder.resolve("first"))).checkpoint();
      Path second = actual.train(new RunFolder(folder.resolve("second"))).checkpoint();
      return haveEqualTensors("the second training", first, second, "model.safetensors");
    }
  }

  /**
   * A training that is stopped after a step, and resumed by a new model, ends with the bits of one
   * that was not interrupted: those of the model and those of all else that is kept for a resume.
   *
   * @param step at least 1, and less than the steps of the recipe
   */
  public RecipeAssert resumesToTheSameBits(int step) {
    isNotNull();
    try (TemporaryFolder folder = new TemporaryFolder()) {
      TrainingResult uninterrupted = actual.train(new RunFolder(folder.resolve("whole")));
      if (uninterrupted.steps() <= step) {
        failWithMessage("expected more than %d steps, got %d", step, uninterrupted.steps());
      }
      Path whole = uninterrupted.checkpoint();
      RunFolder broken = new RunFolder(folder.resolve("broken"));
      stop(broken, step);
      Path resumed = resume(broken);
      haveEqualTensors("a resumed training", whole, resumed, "model.safetensors");
      return haveEqualTensors("a resumed training", whole, resumed, "trainer.safetensors");
    }
  }

  private void stop(RunFolder folder, int step) {
    AtomicInteger done = new AtomicInteger();
    try (LanguageModel model = actual.createModel()) {
      actual.trainer(model, folder).stopWhen(() -> done.incrementAndGet() >= step).train();
      failWithMessage("expected a stop after step %d, found that the training had ended", step);
    } catch (TrainingStoppedException expected) {
      // Its checkpoint is what the resume begins with.
    }
  }

  private Path resume(RunFolder folder) {
    try (LanguageModel model = actual.createModel()) {
      return actual.trainer(model, folder).resume().train().checkpoint();
    }
  }

  private RecipeAssert haveEqualTensors(String what, Path first, Path second, String name) {
    try (SafetensorsFile one = SafetensorsFile.open(first.resolve(name));
        SafetensorsFile two = SafetensorsFile.open(second.resolve(name))) {
      List<String> different = new ArrayList<>();
      for (TensorEntry tensor : one.tensors()) {
        if (!equal(one, two, tensor)) {
          different.add(tensor.name());
        }
      }
      if (!different.isEmpty()) {
        failWithMessage(
            "expected %s to end with the same bits, found other ones in %d of %d tensors of %s: %s",
            what, different.size(), one.tensors().size(), name, different);
      }
      return this;
    }
  }

  private static boolean equal(SafetensorsFile one, SafetensorsFile two, TensorEntry tensor) {
    Optional<TensorEntry> other = two.find(tensor.name());
    if (other.isEmpty() || !other.get().describe().equals(tensor.describe())) {
      return false;
    }
    boolean[] equal = {true};
    one.forEachChunk(
        tensor.name(),
        CHUNK_BYTES,
        (offset, bytes) -> {
          ByteBuffer same = two.slice(tensor.name(), offset, bytes.remaining());
          equal[0] &= same.equals(bytes);
        });
    return equal[0];
  }
}
