// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import java.util.ArrayList;
import java.util.List;
import org.mneme.eval.TokenBatch;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.Batches;

/** Held-out batches as evaluation takes them. */
public final class HeldOut {
  private HeldOut() {}

  /** The first batches of one pass; all of them if {@code limit} is 0. */
  public static List<TokenBatch> batches(Batches validation, int limit) {
    List<TokenBatch> batches = new ArrayList<>();
    BatchIterator once = validation.once();
    while (once.hasNext() && (limit == 0 || batches.size() < limit)) {
      Batch batch = once.next();
      batches.add(
          new TokenBatch(batch.inputIds(), batch.targets(), batch.batch(), batch.sequence()));
    }
    return batches;
  }

  /** What the text of these batches is. */
  public static String source(RunConfig run) {
    return source(run.data().files());
  }

  /** What text is that was held out of these files. */
  public static String source(List<String> files) {
    return files.isEmpty() ? "held out" : "held out of " + String.join(", ", files);
  }

  /** Returns what follows the source of a text of which only the first documents count. */
  public static String first(long documents) {
    return ", the first " + documents + (documents == 1 ? " document" : " documents");
  }
}
