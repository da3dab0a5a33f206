// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.experiment;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.config.RunConfig;

/**
 * The published experiments as configurations. They stand in {@code examples/configs}, with the
 * hyper-parameters of their records and the reasons for them, and on the class path.
 */
public final class PublishedRuns {
  private PublishedRuns() {}

  /** The configuration of an experiment at full size. */
  public static RunConfig of(PublishedSystem system) {
    return new JsonConfig().parse(name(system), text(system), RunConfig.class);
  }

  /** The name of its file. */
  static String name(PublishedSystem system) {
    return "configs/" + system.id() + ".yaml";
  }

  /** Returns the name of a configuration for a message, which says if it is a published one. */
  static String described(String source) {
    boolean published =
        Arrays.stream(PublishedSystem.values()).map(PublishedRuns::name).anyMatch(source::equals);
    return published ? "the preset " + source : source;
  }

  /** What its file says. */
  static String text(PublishedSystem system) {
    try {
      return Resources.toString(Resources.getResource(name(system)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name(system) + ": cannot be read from the class path", e);
    }
  }
}
