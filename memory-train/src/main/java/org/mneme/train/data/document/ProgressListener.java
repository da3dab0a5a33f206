// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.document;

/** Hears of the progress of long work on data. Called from the working thread, not too often. */
@FunctionalInterface
public interface ProgressListener {

  /** A listener that does nothing. */
  ProgressListener NONE = (stage, done, total) -> {};

  /**
   * Reports progress.
   *
   * @param stage what is being done, such as "tokenise"
   * @param done how much is done, in units of the stage
   * @param total how much there is, or -1 where that is not known
   */
  void progress(String stage, long done, long total);
}
