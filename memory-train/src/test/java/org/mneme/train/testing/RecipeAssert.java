// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import org.mneme.model.LanguageModel;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.TensorEntry;
import org.mneme.train.RunFolder;

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
