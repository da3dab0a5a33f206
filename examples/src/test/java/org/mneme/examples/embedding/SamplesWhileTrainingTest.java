// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.train.Trainer;
import org.mneme.train.TrainingData;
import org.mneme.train.config.DataConfig;
import org.mneme.train.config.RunConfig;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.tokenizer.BpeConfig;
import org.mneme.train.tokenizer.BpeTrainer;
import org.mneme.train.tokenizer.Tokenizer;

class SamplesWhileTrainingTest {
  @TempDir private Path directory;

  @Test
  void printsASampleAfterEachValidation() {
    DocumentSource texts =
        DocumentSource.of(
            "rivers",
            Stream.iterate(0, i -> i + 1)
                .limit(40)
                .map(i -> new Document("the river runs to sea number " + i + "."))
                .toList());
    Path vocabulary = directory.resolve("tokenizer.json");
    new BpeTrainer(new BpeConfig(280)).train(texts, ProgressListener.NONE).write(vocabulary);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    RunConfig run = run();
    try (Device device = Devices.open();
        Tokenizer tokenizer = Tokenizer.load(vocabulary);
        LanguageModel model = run.createModel(device)) {
      TrainingData data = TrainingData.of(run, texts, tokenizer, ProgressListener.NONE);
      TextGenerator generator = new TextGenerator(model, tokenizer);
      new Trainer(model, run, data, new RunFolder(directory.resolve("run")))
          .listen(new SamplesWhileTraining(generator, "the river", out))
          .train();
    }
    List<String> starts =
        printed
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("step "))
            .toList();
    assertThat(starts).hasSize(3);
    assertThat(starts.get(0)).matches("step 0, loss [0-9.]+: .*");
    assertThat(starts.get(1)).matches("step 3, loss [0-9.]+: .*");
    assertThat(starts.get(2)).matches("step 6, loss [0-9.]+: .*");
  }

  private RunConfig run() {
    ModelConfig model =
        ModelConfig.builder()
            .vocabSize(280)
            .dim(32)
            .nLayers(2)
            .nHeads(4)
            .nKvHeads(2)
            .maxSeqLen(32)
            .build();
    TrainConfig train =
        TrainConfig.builder().batchSize(4).accumulationSteps(1).maxSteps(6).evalInterval(3).build();
    String shards = directory.resolve("shards").toString();
    DataConfig data = DataConfig.builder().shards(shards).validationFraction(0.2).build();
    return new RunConfig(model, train, data);
  }
}
