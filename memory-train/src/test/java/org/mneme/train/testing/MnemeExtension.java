// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.mneme.compute.Device;
import org.mneme.compute.Devices;
import org.mneme.train.folder.RunFolder;

/**
 * Gives tests what they need of Mneme, as parameters of test and lifecycle methods, and takes it
 * away:
 *
 * <ul>
 *   <li>{@link Device}: the best one, or that of {@code -Dmneme.device}; one for a test class
 *   <li>{@link TinyCorpus}: one for a test class
 *   <li>{@link RunFolder}: a new one for each parameter, deleted after the test
 * </ul>
 *
 * After each test, and at the end of the class, no more tensors may be open than before: what a
 * test opens, it closes.
 */
public final class MnemeExtension
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(MnemeExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    bench(context);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    OpenMemory open = new OpenMemory(bench(context).device);
    store(context).put(OpenMemory.class, open);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (context.getExecutionException().isEmpty()) {
      store(context).get(OpenMemory.class, OpenMemory.class).requireUnchanged("a test");
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Device.class || type == TinyCorpus.class || type == RunFolder.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == RunFolder.class) {
      TemporaryFolder folder = new TemporaryFolder();
      store(context).put(folder, folder);
      return new RunFolder(folder.resolve("run"));
    }
    Bench bench = bench(context);
    return type == Device.class ? bench.device : bench.corpus();
  }

  /** That of the class, which nested classes and tests find from where they are. */
  private static Bench bench(ExtensionContext context) {
    return store(context).getOrComputeIfAbsent(Bench.class, key -> new Bench(), Bench.class);
  }

  private static Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }

  /** What a class shares; JUnit closes it behind the class. */
  private static final class Bench implements AutoCloseable {
    private final Device device = Devices.open();
    private final OpenMemory open = new OpenMemory(device);
    private final TemporaryFolder folder = new TemporaryFolder();
    private TinyCorpus corpus;

    private TinyCorpus corpus() {
      if (corpus == null) {
        corpus = new TinyCorpus(folder.resolve(""));
      }
      return corpus;
    }

    @Override
    public void close() {
      try {
        open.requireUnchanged("a class of tests");
      } finally {
        if (corpus != null) {
          corpus.close();
        }
        device.close();
        folder.close();
      }
    }
  }
}
