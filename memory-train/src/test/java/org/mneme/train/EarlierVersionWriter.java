// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.mneme.train.EarlierVersion.SAVED;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.mneme.model.LanguageModel;
import org.mneme.model.io.AtomicFile;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;

/**
 * Writes the run folders that {@link EarlierVersionTest} reads, with the version that it is
 * compiled with.
 */
final class EarlierVersionWriter {
  private EarlierVersionWriter() {}

  /** Takes a new folder for the run folders. */
  public static void main(String[] arguments) throws IOException {
    Path target = Path.of(arguments[0]);
    Path work = Files.createTempDirectory("mneme-earlier-version-");
    try (Tiny tiny = new Tiny(work)) {
      for (EarlierVersion version : EarlierVersion.values()) {
        write(tiny, version, target.resolve(version.folder()));
      }
    }
  }

  private static void write(Tiny tiny, EarlierVersion version, Path folder) throws IOException {
    RunConfig run = version.run(tiny);
    try (LanguageModel model = tiny.create(run)) {
      AtomicInteger steps = new AtomicInteger();
      tiny.trainer(model, run, folder).stopWhen(() -> steps.incrementAndGet() >= SAVED).train();
    } catch (TrainingStoppedException e) {
      try (LanguageModel saved = LanguageModel.load(tiny.device, RunFolder.checkpointOf(folder))) {
        AtomicFile.writeString(folder.resolve("loss"), EarlierVersion.loss(saved) + "\n");
      }
    }
  }
}
