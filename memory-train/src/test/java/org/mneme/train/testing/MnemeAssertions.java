// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import org.mneme.model.LanguageModel;
import org.mneme.train.TrainingResult;

/** Entry points of the assertions, to be imported beside those of AssertJ. */
public final class MnemeAssertions {
  private MnemeAssertions() {}

  /** Assertions about a model as it is now. */
  public static ModelAssert assertThat(LanguageModel model) {
    return new ModelAssert(model);
  }

  /** Assertions about what a training came to. */
  public static TrainingResultAssert assertThat(TrainingResult result) {
    return new TrainingResultAssert(result);
  }

  /** Assertions about trainings, which they run. */
  public static RecipeAssert assertThat(TrainingRecipe recipe) {
    return new RecipeAssert(recipe);
  }
}
