// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mneme.model.LanguageModel;
import org.mneme.train.checkpoint.Checkpoint;
import org.mneme.train.config.RunConfig;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * Reads the checkpoints of earlier versions; the README in their folder says how they were made.
 */
class EarlierVersionTest extends TinyTest {
  /** Other processors round other sums of a matrix product. */
  private static final double ROUNDING = 1e-5;

  private static Path kept() {
    try {
      return Path.of(EarlierVersionTest.class.getResource("/earlier-versions").toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Path> directories(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  static List<Path> runs() throws IOException {
    List<Path> versions = directories(kept());
    assertThat(versions).isNotEmpty();
    return versions.stream().flatMap(EarlierVersionTest::runsOf).toList();
  }

  private static Stream<Path> runsOf(Path version) {
    return Stream.of(EarlierVersion.values()).map(each -> version.resolve(each.folder()));
  }

  @ParameterizedTest
  @MethodSource("runs")
  void aModelOfAnEarlierVersionHasTheLossThatItHad(Path run) throws IOException {
    Path directory = RunFolder.checkpointOf(run);
    new Checkpoint(directory).verify();
    double expected = Double.parseDouble(Files.readString(run.resolve("loss")).strip());
    try (LanguageModel model = LanguageModel.load(tiny.device, directory);
        Tokenizer tokenizer = Tokenizer.load(directory)) {
      assertThat(EarlierVersion.loss(model)).isCloseTo(expected, within(ROUNDING));
      assertThat(tokenizer.decode(tokenizer.encode("The owl hears the fox.")))
          .isEqualTo("The owl hears the fox.");
    }
  }

  /**
   * Either it continues, or it says which setting, which file or which data it cannot take over.
   */
  @ParameterizedTest
  @MethodSource("runs")
  void aRunOfAnEarlierVersionIsResumed(Path run) throws IOException {
    for (Path path : MoreFiles.fileTraverser().depthFirstPreOrder(run)) {
      Path copy = folder.resolve(run.relativize(path).toString());
      if (!Files.isDirectory(copy)) {
        Files.copy(path, copy);
      }
    }
    RunConfig config = EarlierVersion.of(run.getFileName().toString()).run(tiny);
    try (LanguageModel model = tiny.create(config)) {
      TrainingResult result = tiny.trainer(model, config, folder).resume().train();
      assertThat(result.steps()).isEqualTo(EarlierVersion.STEPS);
      assertThat(result.trainLoss()).isFinite();
    }
  }
}
