// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Objects;
import java.util.Optional;
import org.mneme.eval.report.MemoryUsage;

/**
 * How well a model predicts a text.
 *
 * @param source what the text is
 * @param loss mean cross-entropy, nats per token
 * @param perplexity e to the loss
 * @param bitsPerByte the loss of the whole text in bits over its bytes in UTF-8: unlike the loss it
 *     can be compared between tokenizers
 * @param tokens number of targets
 * @param bytes of the text that the targets make
 * @param lossWithoutReads loss with every read from the memory set to zero; null for a model
 *     without a memory
 * @param usage how the memory was used meanwhile; null for a model without a memory
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TextEvaluation(
    String source,
    double loss,
    double perplexity,
    double bitsPerByte,
    long tokens,
    long bytes,
    Double lossWithoutReads,
    MemoryUse usage) {
  /** Refuses a text from nowhere. */
  public TextEvaluation {
    Objects.requireNonNull(source, "source");
  }

  /**
   * The usage as a report shows it; empty for a model without a memory.
   *
   * @param entries of the memory
   */
  public Optional<MemoryUsage> reported(int entries) {
    return Optional.ofNullable(usage)
        .map(
            use ->
                new MemoryUsage(
                    entries,
                    use.usedAny(),
                    use.usedTop1(),
                    use.klToUniform(),
                    use.entropy(),
                    use.gini(),
                    use.dead(),
                    lossWithoutReads));
  }
}
