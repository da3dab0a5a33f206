// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.Nd4jTensors;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.PublishedSystem;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The tensors of a model as ND4J's arrays, as the guide shows it. */
class Nd4jArraysTest {
  private static final ModelConfig TINY =
      PublishedSystem.EMA_TOKEN
          .config()
          .vocabSize(50)
          .dim(16)
          .nLayers(1)
          .nHeads(2)
          .nKvHeads(1)
          .maxSeqLen(8)
          .knowledgeNum(16)
          .knowledgeDim(8)
          .numSelected(2)
          .build();

  @Test
  void whatIsWrittenToOneIsSeenInTheOther() {
    try (Device device = Devices.discover().open(Optional.of("cpu"));
        LanguageModel model = LanguageModel.create(device, TINY, 1)) {
      INDArray array = Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}});

      INDArray embeddings = Nd4jTensors.asINDArray(model.embeddings().master()); // shares memory
      INDArray bank = Nd4jTensors.asINDArray(model.memory().orElseThrow().bank()); // likewise

      Tensor wrapped = Nd4jTensors.wrap(device, array); // shares memory
      Tensor copied = Nd4jTensors.copy(device, MemoryTag.WEIGHTS, array); // any order, any device
      INDArray copy = Nd4jTensors.toINDArray(copied); // any device

      embeddings.putScalar(0, 0, 7);
      array.putScalar(1, 1, 5);

      assertThat(device.transfer().readFloats(model.embeddings().master())[0]).isEqualTo(7);
      assertThat(bank.dataType()).isEqualTo(DataType.INT32);
      assertThat(bank.shape()).containsExactly(16, 8);
      assertThat(device.transfer().readFloats(wrapped)).containsExactly(1, 2, 3, 5);
      assertThat(device.transfer().readFloats(copied)).containsExactly(1, 2, 3, 4);
      assertThat(copy.toFloatMatrix()).isEqualTo(new float[][] {{1, 2}, {3, 4}});
      wrapped.close();
      copied.close();
    }
  }
}
