// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.mneme.compute.UserException;
import org.mneme.model.config.JsonConfig;
import org.mneme.train.checkpoint.DataIdentity;
import org.mneme.train.checkpoint.TrainerState;
import org.mneme.train.config.Faults;
import org.mneme.train.config.RunConfig;
import org.mneme.train.optimizer.ScheduleForm;

/**
 * Whether a training can go on from a checkpoint so that its steps are those of an unbroken one.
 */
record ResumeCheck(RunConfig run, DataIdentity data) {
  /** Settings that no step depends on. Where the data are does not matter, what they are does. */
  private static final Set<String> FREE =
      Set.of(
          "train.alarms",
          "train.log_interval",
          "train.eval_at_start",
          "train.eval_interval",
          "train.eval_batches",
          "train.save_interval",
          "train.keep_last",
          "train.keep_best",
          "data.files",
          "data.tokenizer",
          "data.shards");

  /** Settings of the length, on which the learning rate of every step depends in a cosine. */
  private static final Set<String> LENGTH = Set.of("train.max_steps", "train.epochs");

  /**
   * Compares settings and data with those of a checkpoint.
   *
   * @throws UserException naming all that are others, with what was found and expected
   */
  void require(TrainerState state) {
    Faults faults = new Faults("resume");
    ObjectNode settings = new JsonConfig().tree(run);
    for (String part : new String[] {"model", "train", "data"}) {
      compare(faults, part, settings.path(part), state.settings().path(part));
    }
    expectEqual(faults, "the documents' SHA-256", data.source(), state.data().source());
    expectEqual(faults, "the tokenizer's SHA-256", data.tokenizer(), state.data().tokenizer());
    expectEqual(faults, "tokens to learn from", data.tokens(), state.data().tokens());
    expectEqual(
        faults,
        "sequences of an epoch",
        data.sequencesPerEpoch(),
        state.data().sequencesPerEpoch());
    faults.throwIfAny();
  }

  private void compare(Faults faults, String part, JsonNode found, JsonNode expected) {
    for (Map.Entry<String, JsonNode> field : found.properties()) {
      String key = part + "." + field.getKey();
      if (!mayDiffer(key)) {
        JsonNode before = expected.path(field.getKey());
        expectEqual(faults, key, field.getValue(), known(key, before));
      }
    }
  }

  /** What a checkpoint was trained with, also one of a version without the setting. */
  private static JsonNode known(String key, JsonNode before) {
    return before.isMissingNode() && key.equals("train.mask_padding") ? BooleanNode.FALSE : before;
  }

  private boolean mayDiffer(String key) {
    boolean constant = run.train().lrSchedule() == ScheduleForm.CONSTANT;
    return FREE.contains(key) || (constant && LENGTH.contains(key));
  }

  private static void expectEqual(Faults faults, String key, Object found, Object expected) {
    // As text: one whole number may be read back as another kind of node than it was made.
    boolean same = found.toString().equals(expected.toString());
    faults.expect(same, key, found, expected + " as in the checkpoint");
  }
}
