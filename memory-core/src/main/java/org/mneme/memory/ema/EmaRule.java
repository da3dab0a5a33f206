// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.ema;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.mneme.compute.UserException;

/** What a selected entry keeps of itself and takes of the features that selected it. */
public enum EmaRule {
  /**
   * Vectors: v ← γv + (1−γ)f̄. Tokens: each becomes the token nearest to that blend, and what the
   * rounding cuts off is lost.
   */
  PUBLISHED,
  /**
   * Tokens only: the blend is kept in single precision beside the tokens, so small moves add up.
   */
  SHADOW,
  /** VQ-VAE (van den Oord et al. 2017, appendix A.1): moving averages of counts and of sums. */
  COUNT,
  /**
   * Tokens only: with probability 1−γ an entry takes tokens that followed where it was selected.
   */
  EPISODIC;

  /** The name in configurations, in lower case. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The rule of a configured name.
   *
   * @throws UserException if there is none, naming those that there are
   */
  public static EmaRule of(String id) {
    for (EmaRule rule : values()) {
      if (rule.id().equals(id)) {
        return rule;
      }
    }
    String known = Arrays.stream(values()).map(EmaRule::id).collect(Collectors.joining(", "));
    throw new UserException("ema_rule: found \"" + id + "\", wanted one of " + known);
  }
}
