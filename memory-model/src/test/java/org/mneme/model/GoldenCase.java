// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.model.autograd.Tape;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.config.ModelConfigBuilder;
import org.mneme.model.config.PublishedSystem;
import org.mneme.model.layers.LayerContext;
import org.mneme.model.layers.SelectionObserver;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.SafetensorsType;

/** One case of an independent implementation: weights, inputs and what must come out. */
final class GoldenCase implements AutoCloseable {
  private static final Map<String, PublishedSystem> SYSTEMS =
      Map.of(
          "original", PublishedSystem.ORIGINAL,
          "cross_attention", PublishedSystem.CROSS_ATTENTION,
          "gated_mlp", PublishedSystem.GATED_MLP,
          "ema_vector", PublishedSystem.EMA_VECTOR,
          "ema_token", PublishedSystem.EMA_TOKEN,
          "beside", PublishedSystem.BESIDE);

  private final SafetensorsFile file;
  private final Map<String, String> metadata;

  private GoldenCase(SafetensorsFile file) {
    this.file = file;
    this.metadata = file.metadata();
  }

  static GoldenCase open(Path path) {
    return new GoldenCase(SafetensorsFile.open(path));
  }

  /** The cases of a directory; fails if there is none. */
  static List<Path> of(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new AssertionError(directory.toAbsolutePath() + " is no directory");
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> cases =
          files
              .filter(path -> path.toString().endsWith(".safetensors"))
              .sorted()
              .collect(Collectors.toList());
      if (cases.isEmpty()) {
        throw new AssertionError(directory.toAbsolutePath() + " holds no *.safetensors case");
      }
      return cases;
    }
  }

  ModelConfig config() {
    PublishedSystem system = SYSTEMS.get(metadata.get("variant"));
    if (system == null) {
      throw new AssertionError("unknown variant '" + metadata.get("variant") + "'");
    }
    ModelConfigBuilder builder =
        system
            .config()
            .vocabSize(integer("vocab"))
            .dim(integer("dim"))
            .nLayers(integer("layers"))
            .nHeads(integer("heads"))
            .nKvHeads(integer("kv_heads"))
            .hiddenDim(integer("ffn"))
            .maxSeqLen(integer("max_seq"))
            .normEps(Double.parseDouble(metadata.get("eps")))
            .ropeTheta(Double.parseDouble(metadata.get("theta")))
            .knowledgeNum(integer("knowledge_num"))
            .knowledgeLength(integer("knowledge_len"))
            .knowledgeDim(integer("knowledge_dim"))
            .numSelected(integer("selected"))
            .emaDecay(Double.parseDouble(metadata.get("ema_decay")))
            .balanceLossCoef(Double.parseDouble(metadata.get("balance")));
    if (metadata.containsKey("memory_layers")) {
      builder.memoryLayers(
          Arrays.stream(metadata.get("memory_layers").split("[^0-9]+"))
              .filter(number -> !number.isEmpty())
              .map(Integer::valueOf)
              .collect(Collectors.toList()));
    }
    if (metadata.containsKey("memory_heads")) {
      builder.memoryHeads(integer("memory_heads"));
    }
    boolean tokens =
        file.find("weights.memory_bank").map(e -> e.type() == SafetensorsType.I32).orElse(false);
    return tokens ? builder.memoryStore(MemoryStore.EMA_TOKEN).build() : builder.build();
  }

  private int integer(String key) {
    return Integer.parseInt(metadata.get(key));
  }

  LanguageModel model(Device device, DType computeType) {
    ModelOptions options = ModelOptions.training().withComputeType(computeType);
    LanguageModel model = LanguageModel.create(device, config(), options, 1);
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.buffers().tensors());
    for (ParameterSpec spec : model.parameters().table().specs()) {
      tensors.put(spec.name(), model.parameters().master(spec.name()));
    }
    model.memory().ifPresent(memory -> tensors.put("memory_bank", memory.bank()));
    tensors.forEach((name, tensor) -> TensorFile.read(file, "weights." + name, tensor));
    model.parameters().refreshCopy();
    return model;
  }

  /** The logits of the case's tokens [B·T, V]. */
  float[] logits(LanguageModel model, boolean training, SelectionObserver observer) {
    Device device = model.device();
    try (Tape tape = Tape.notRecording(device);
        Tensor ids = device.allocate(MemoryTag.ACTIVATIONS, DType.I32, batch(), sequence())) {
      device.transfer().writeInts(ints("input_ids"), ids);
      LayerContext context =
          new LayerContext(
              tape,
              batch(),
              sequence(),
              training,
              Optional.empty(),
              0f,
              observer,
              Optional.empty());
      return Tensors.floats(model.logits(tape, model.hidden(context, ids)).value());
    }
  }

  float[] floats(String name) {
    return file.readFloats(name);
  }

  int[] ints(String name) {
    return file.readInts(name);
  }

  boolean has(String name) {
    return file.find(name).isPresent();
  }

  int batch() {
    return (int) file.require("input_ids").shape()[0];
  }

  int sequence() {
    return (int) file.require("input_ids").shape()[1];
  }

  @Override
  public void close() {
    file.close();
  }
}
