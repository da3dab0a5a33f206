// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.generate;

/** Why a text ended. */
public enum StopReason {
  /** The model ended it. */
  END_TOKEN,
  /** It has as many tokens as were asked for. */
  MAX_TOKENS,
  /** Prompt and text fill the model's longest sequence. */
  MAX_SEQUENCE
}
