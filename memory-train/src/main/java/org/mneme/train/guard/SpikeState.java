// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What a {@link SpikeGuard} remembers.
 *
 * @param losses of the last steps without a spike, the oldest first
 * @param gradNorms of the same steps
 * @param inARow spikes since the last step without one
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SpikeState(List<Double> losses, List<Double> gradNorms, int inARow) {
  /** Nothing yet. */
  public static final SpikeState NEW = new SpikeState(List.of(), List.of(), 0);

  /** Checks the numbers and copies the lists. */
  public SpikeState {
    Given.numbers(losses, "spikes.losses");
    Given.numbers(gradNorms, "spikes.grad_norms");
    Given.range(inARow, "spikes.in_arow", 0, Integer.MAX_VALUE);
    losses = List.copyOf(losses);
    gradNorms = List.copyOf(gradNorms);
  }
}
