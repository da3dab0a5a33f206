// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import org.mneme.compute.UserException;
import org.mneme.eval.generate.SamplingConfig;

/**
 * What is looked at around a prompt.
 *
 * @param nextTokens the likeliest next tokens, before and after, that are told, at least 1
 * @param sampling how the prompt is continued
 */
public record EffectConfig(int nextTokens, SamplingConfig sampling) {
  /** The 8 likeliest next tokens, and the 24 likeliest ones one after the other. */
  public static final EffectConfig DEFAULT = new EffectConfig(8, SamplingConfig.greedy(24));

  /** Checks the number. */
  public EffectConfig {
    if (nextTokens < 1) {
      throw new UserException("next_tokens is " + nextTokens + ", expected at least 1");
    }
  }
}
