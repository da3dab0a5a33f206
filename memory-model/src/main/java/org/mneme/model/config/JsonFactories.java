// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;

/** Parsers of JSON. */
public final class JsonFactories {
  private JsonFactories() {}

  /**
   * Returns a builder whose parsers have no limits on nesting, numbers, strings and names, for
   * texts whose reader has bounds of its own: those of a parser would end in messages that do not
   * say which bound of this library was exceeded.
   */
  public static JsonFactoryBuilder withoutLimits() {
    JsonFactoryBuilder builder = new JsonFactoryBuilder();
    builder.streamReadConstraints(
        StreamReadConstraints.builder()
            .maxNestingDepth(Integer.MAX_VALUE)
            .maxNumberLength(Integer.MAX_VALUE)
            .maxStringLength(Integer.MAX_VALUE)
            .maxNameLength(Integer.MAX_VALUE)
            .build());
    return builder;
  }
}
