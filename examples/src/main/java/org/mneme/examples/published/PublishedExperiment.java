// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.published;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.mneme.compute.Devices;
import org.mneme.compute.UserException;
import org.mneme.examples.experiment.PublishedRuns;
import org.mneme.examples.experiment.TextTraining;
import org.mneme.model.config.PublishedSystem;
import org.mneme.train.RunConfig;

/** Trains a published system, at its published size, on JSONL files named on the command line. */
final class PublishedExperiment {
  private PublishedExperiment() {}

  static void main(PublishedSystem system, Class<?> main, String[] files) throws IOException {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    if (files.length == 0) {
      System.err.println("usage: " + main.getName() + " FILE.jsonl...");
      System.exit(2);
    }
    RunConfig published = PublishedRuns.of(system);
    RunConfig run =
        new RunConfig(
            published.model(),
            published.train(),
            published.data().toBuilder().files(List.copyOf(Arrays.asList(files))).build());
    String command = main.getName() + " " + String.join(" ", files);
    try {
      new TextTraining(Devices::open, Path.of("runs"), system.id(), run, command, out).run();
    } catch (UserException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }
}
