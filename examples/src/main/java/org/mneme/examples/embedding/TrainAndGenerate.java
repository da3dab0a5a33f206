// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.embedding;

import java.io.PrintStream;
import java.nio.file.Path;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.eval.generate.SamplingConfig;
import org.mneme.eval.generate.TextGenerator;
import org.mneme.examples.TextEncoding;
import org.mneme.memory.TokenCodebook;
import org.mneme.model.LanguageModel;
import org.mneme.train.DataFiles;
import org.mneme.train.Trainer;
import org.mneme.train.TrainingData;
import org.mneme.train.TrainingResult;
import org.mneme.train.config.RunConfig;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.folder.RunFolder;
import org.mneme.train.tokenizer.Tokenizer;

/**
 * Mneme as a library: pretrains a model as a configuration says, lets it write and reads an entry
 * of its memory. The README shows this program.
 */
public final class TrainAndGenerate {
  private TrainAndGenerate() {}

  /** Takes a JSON file that holds a {@link RunConfig}. */
  public static void main(String[] arguments) {
    TextEncoding.useUtf8Output();
    run(RunConfig.read(Path.of(arguments[0])), Path.of("runs"), System.out);
  }

  static void run(RunConfig run, Path runs, PrintStream out) {
    RunFolder folder = RunFolder.create(runs, "embedded");
    DataFiles files = new DataFiles(run.data());
    DocumentSource texts = files.documents();
    Path vocabulary = folder.root().resolve("tokenizer.json");
    ProgressListener quiet = ProgressListener.NONE;
    try (Device device = Devices.open();
        Tokenizer tokenizer = files.tokenizer(texts, run.model().vocabSize(), vocabulary, quiet);
        LanguageModel model = run.createModel(device)) {

      TrainingData data = TrainingData.of(run, texts, tokenizer, quiet);
      TrainingResult result = new Trainer(model, run, data, folder).train();
      out.println("validation loss: " + result.validationLoss().orElseThrow());

      TextGenerator generator = new TextGenerator(model, tokenizer);
      out.println(generator.generate("the river", SamplingConfig.greedy(20)).text());

      TokenCodebook memory = (TokenCodebook) model.memory().orElseThrow();
      out.println("entry 0: " + tokenizer.decode(memory.read(0)));
    }
  }
}
