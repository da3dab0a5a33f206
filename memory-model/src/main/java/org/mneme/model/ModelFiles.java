// SPDX-License-Identifier: Apache-2.0
package org.mneme.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.mneme.compute.Tensor;
import org.mneme.compute.UserException;
import org.mneme.memory.state.Values;
import org.mneme.model.config.JsonConfig;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.io.Checksums;
import org.mneme.model.io.FileFault;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.model.parameters.ParameterTable;
import org.mneme.model.safetensors.SafetensorsFile;
import org.mneme.model.safetensors.SafetensorsType;
import org.mneme.model.safetensors.TensorEntry;

/** The files of a checkpoint directory that make a model. */
final class ModelFiles {
  private static final String CONFIG = "config.json";
  private static final String TENSORS = "model.safetensors";

  private final Path directory;

  ModelFiles(Path directory) {
    this.directory = directory;
  }

  ModelConfig readConfig() {
    if (!Files.isDirectory(directory)) {
      throw new UserException(directory + ": no checkpoint directory here");
    }
    return new JsonConfig().read(directory.resolve(CONFIG), ModelConfig.class);
  }

  void write(LanguageModel model) throws IOException {
    Files.createDirectories(directory);
    TensorFile.write(directory.resolve(TENSORS), tensors(model));
    new JsonConfig().write(directory.resolve(CONFIG), model.config());
    new Checksums(directory).update(List.of(CONFIG, TENSORS));
  }

  /**
   * Compares the files with their checksums, if the directory has any.
   *
   * @throws UserException naming the file that is damaged
   */
  void verify() {
    new Checksums(directory).verifyIfAny(List.of(CONFIG, TENSORS));
  }

  void readTensors(LanguageModel model) {
    Map<String, Tensor> expected = tensors(model);
    Path path = directory.resolve(TENSORS);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (TensorEntry entry : file.tensors()) {
        if (!expected.containsKey(entry.name())) {
          throw new UserException(
              path
                  + ": tensor '"
                  + entry.name()
                  + "' is no part of the model that "
                  + directory.resolve(CONFIG)
                  + " describes");
        }
      }
      expected.forEach((name, tensor) -> TensorFile.read(file, name, tensor, values(model, name)));
    }
    model.parameters().refreshCopy();
  }

  private static Values values(LanguageModel model, String name) {
    Values ofEntries = model.memoryValues().get(name);
    return ofEntries != null ? ofEntries : model.buffers().values(name);
  }

  /**
   * Refuses a configuration that describes a larger model than the file has bytes for, before
   * memory is allocated for it.
   *
   * @throws UserException naming the first parameter that is missing or of another shape, or the
   *     size
   */
  void requireRoomFor(ModelConfig config, ParameterTable table) {
    Path path = directory.resolve(TENSORS);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      long bytes = Files.size(path);
      double wanted = Float.BYTES * ((double) table.elementCount() + entries(config));
      if (wanted <= bytes) {
        return;
      }
      for (ParameterSpec spec : table.specs()) {
        file.require(spec.name(), SafetensorsType.F32, spec.shape().toArray());
      }
      throw new UserException(
          String.format(
              Locale.ROOT,
              "%s: expected at least %.0f bytes for the model that %s describes, got %d",
              path,
              wanted,
              directory.resolve(CONFIG),
              bytes));
    } catch (IOException e) {
      throw FileFault.cannotBe(path, "read", e);
    }
  }

  /** The numbers of a memory that is not a parameter. */
  private static double entries(ModelConfig config) {
    if (!config.hasMemory() || config.memoryStore() == MemoryStore.LEARNED) {
      return 0;
    }
    int width = config.holdsTokens() ? config.knowledgeLength() : config.knowledgeDim();
    return (double) config.knowledgeNum() * width;
  }

  private static Map<String, Tensor> tensors(LanguageModel model) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec spec : model.parameters().table().specs()) {
      tensors.put(spec.name(), model.parameters().master(spec.name()));
    }
    tensors.putAll(model.buffers().tensors());
    model.memory().ifPresent(memory -> tensors.putIfAbsent(MemoryEntries.NAME, memory.bank()));
    new TreeMap<>(model.memoryState()).forEach(tensors::put);
    return tensors;
  }
}
