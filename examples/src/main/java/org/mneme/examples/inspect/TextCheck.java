// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.RunIdentity;
import org.mneme.train.TrainingData;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.checkpoint.DataIdentity;
import org.mneme.train.folder.RunFolder;

/**
 * Checks that text is what a run learned from and held out. Files change, and a program can train
 * on documents of its own whatever files its configuration names: figures on another text must not
 * become those of the run.
 */
final class TextCheck {
  private final RunFolder folder;
  private final Checkpoint checkpoint;

  TextCheck(RunFolder folder, OpenedModel opened) {
    this.folder = folder;
    this.checkpoint = new Checkpoint(opened.checkpoint());
  }

  /**
   * Compares text with what the run has recorded.
   *
   * @throws UserException if it is another one, or nothing is recorded
   */
  void require(TrainingData data) {
    RunIdentity.Data found = RunIdentity.Data.of(data);
    List<String> others = new ArrayList<>();
    boolean recorded = compareWithInfo(found, others);
    recorded |= compareWithCheckpoint(found, others);
    if (!recorded) {
      others.add("what it learned from is not recorded");
    }
    if (!others.isEmpty()) {
      throw new UserException(
          folder.root()
              + ": the text that its configuration names is not known to be the text of the run: "
              + String.join("; ", others)
              + ". The files were changed, or a program trained on documents of its own. Name a FILE"
              + " to measure on; its figures are not written into the run's evaluation.json");
    }
  }

  private boolean compareWithInfo(RunIdentity.Data found, List<String> others) {
    if (!Files.exists(folder.info())) {
      return false;
    }
    JsonConfig json = new JsonConfig();
    ObjectNode info = json.read(folder.info(), ObjectNode.class);
    if (info == null || !info.path("identity").path("data").isObject()) {
      return false;
    }
    RunIdentity.Data data =
        json.convert(
            folder.info().toString(), info.path("identity").path("data"), RunIdentity.Data.class);
    compare(others, "documents", data.source(), found.source());
    compare(others, "documents to learn from", data.training(), found.training());
    compare(others, "held-out documents", data.heldOut(), found.heldOut());
    return true;
  }

  private boolean compareWithCheckpoint(RunIdentity.Data found, List<String> others) {
    if (!Files.exists(checkpoint.directory().resolve("trainer.json"))) {
      return false;
    }
    DataIdentity data = checkpoint.state().data();
    if (data == null) {
      return false;
    }
    if (others.isEmpty()) {
      compare(others, "documents", data.source(), found.source());
      compare(others, "tokens to learn from", "" + data.tokens(), "" + found.tokens());
    }
    return true;
  }

  private static void compare(List<String> others, String what, String expected, String found) {
    if (!Objects.equals(expected, found)) {
      others.add(what + ": expected " + expected + ", got " + found);
    }
  }
}
