// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.bench;

import org.mneme.examples.Arguments;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options for the sizes of models; what is not given is as the device's defaults have it. */
final class ShapeOptions {
  @Option(names = "--dim", description = "Width of the model.")
  private Integer dim;

  @Option(names = "--layers", description = "Blocks of the model.")
  private Integer layers;

  @Option(names = "--heads", description = "Query heads.")
  private Integer heads;

  @Option(names = "--kv-heads", description = "Key and value heads.")
  private Integer kvHeads;

  @Option(
      names = "--hidden",
      description = "Width of feed-forward layers (default: 8/3 of the model's, in steps of 64).")
  private Integer hidden;

  @Option(names = "--sequence", description = "Positions of a sequence.")
  private Integer sequence;

  @Option(names = "--batch", description = "Sequences of a step.")
  private Integer batch;

  @Option(names = "--vocabulary", description = "Tokens.")
  private Integer vocabulary;

  BenchShape shape(CommandSpec spec, BenchShape defaults) {
    return new BenchShape(
        value(spec, "--dim", dim, defaults.dim(), 2),
        value(spec, "--layers", layers, defaults.layers(), 1),
        value(spec, "--heads", heads, defaults.heads(), 1),
        value(spec, "--kv-heads", kvHeads, defaults.kvHeads(), 1),
        value(spec, "--hidden", hidden, dim == null ? defaults.hidden() : BenchShape.BY_WIDTH, 0),
        value(spec, "--sequence", sequence, defaults.sequence(), 1),
        value(spec, "--batch", batch, defaults.batch(), 1),
        value(spec, "--vocabulary", vocabulary, defaults.vocabulary(), 1),
        defaults.published());
  }

  private static int value(
      CommandSpec spec, String option, Integer given, int otherwise, int least) {
    if (given == null) {
      return otherwise;
    }
    Arguments.atLeast(spec, option, given, least);
    return given;
  }
}
