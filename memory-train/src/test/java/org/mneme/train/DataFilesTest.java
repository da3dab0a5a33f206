// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;
import org.mneme.model.config.ModelConfig;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.DataConfigBuilder;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.shard.DataSummary;
import org.mneme.train.tokenizer.Tokenizer;

class DataFilesTest {
  @TempDir Path folder;

  private String file(String name, String... texts) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String text : texts) {
      lines.append("{\"body\": \"").append(text).append("\"}\n");
    }
    Path file = folder.resolve(name);
    Files.writeString(file, lines);
    return file.toString();
  }

  private DataConfigBuilder config() throws IOException {
    return DataConfig.builder()
        .files(List.of(file("a.jsonl", "one two", "two three"), file("b.jsonl", "three four")))
        .textField("body")
        .validationFraction(0)
        .shards(folder.resolve("shards").toString());
  }

  private static int count(DocumentSource source) {
    int count = 0;
    try (DocumentCursor cursor = source.open()) {
      while (cursor.hasNext()) {
        cursor.next();
        count++;
      }
    }
    return count;
  }

  @Test
  void aFileThatIsGivenTwiceIsNotDividedBetweenTrainingAndValidation() throws IOException {
    String first = file("first.jsonl", "one two", "two three");
    String copy = file("copy.jsonl", "one two", "two three");
    String link = folder.resolve("link.jsonl").toString();
    Files.createSymbolicLink(Path.of(link), Path.of(first));
    for (String second :
        List.of(first, copy, link, folder + "/../" + folder.getFileName() + "/first.jsonl")) {
      DataConfigBuilder config = config().files(List.of(first, second));
      DataFiles held = new DataFiles(config.validationFraction(0.5).build());
      assertThatThrownBy(held::documents)
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll(first, second, "same contents", "data.validation_fraction");
      assertThat(count(new DataFiles(config.validationFraction(0).build()).documents()))
          .isEqualTo(4);
    }
  }

  @Test
  void documentsOfAllFilesUpToTheLimit() throws IOException {
    assertThat(count(new DataFiles(config().build()).documents())).isEqualTo(3);
    assertThat(count(new DataFiles(config().maxDocuments(2).build()).documents())).isEqualTo(2);
  }

  @Test
  void noFileIsAFault() {
    assertThatThrownBy(() -> new DataFiles(DataConfig.builder().build()).documents())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("files is empty");
  }

  @Test
  void aLearnedTokenizerIsFoundAgain() throws IOException {
    DataFiles files = new DataFiles(config().build());
    Path learned = folder.resolve("tokenizer.json");
    try (Tokenizer first =
        files.tokenizer(files.documents(), 270, learned, ProgressListener.NONE)) {
      DataFiles named = new DataFiles(config().tokenizer(learned.toString()).build());
      Path unused = folder.resolve("unused.json");
      try (Tokenizer second =
          named.tokenizer(files.documents(), 999, unused, ProgressListener.NONE)) {
        assertThat(second.sha256()).isEqualTo(first.sha256());
        assertThat(unused).doesNotExist();
      }
    }
  }

  @Test
  void theKnowledgeFileIsWhatAMemoryBeginsWith() throws IOException {
    DataConfig data =
        config()
            .knowledgeFile(file("knowledge.jsonl", "four five six"))
            .knowledgeField("body")
            .build();
    DataFiles files = new DataFiles(data);
    Path learned = folder.resolve("tokenizer.json");
    try (Tokenizer tokenizer =
        files.tokenizer(files.documents(), 270, learned, ProgressListener.NONE)) {
      RunConfig run =
          new RunConfig(
              ModelConfig.builder().maxSeqLen(8).build(),
              TrainConfig.builder().batchSize(2).build(),
              data);
      TrainingData training =
          TrainingData.of(run, files.documents(), tokenizer, ProgressListener.NONE);
      assertThat(training.knowledge().size()).isEqualTo(1);
      assertThat(tokenizer.decode(training.knowledge().tokens(0))).isEqualTo("four five six");
      assertThat(training.validation()).isEmpty();
      assertThat(training.summaries())
          .extracting(DataSummary::documents)
          .as("texts and knowledge")
          .containsExactly(3L, 1L);
      assertThat(training.summaries().get(0).files())
          .extracting(DataFile::path)
          .containsExactlyElementsOf(data.files());
      assertThat(training.training().sequencesPerEpoch()).isEqualTo(3);
    }
  }
}
