// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mneme.compute.UserException;
import org.mneme.model.io.testing.Damage;

/** Damaged files of evaluations and of the use of a memory are read or refused in plain words. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EvaluationFuzzTest {
  private static final int INPUTS = 20_000;
  private static final String INTERNALS =
      "(?s).*(jackson|StreamRead|JsonRead|Exception|java\\.|Source:|`[A-Z]\\w|\\(token `|\n).*";

  private static final String EVALUATION =
      """
      {"checkpoint":"step-1","step":1,"device":"cpu","dtype":"f32","trainable_parameters":1,
       "total_parameters":2,"usage_over_time":[{"step":1,"used_any":0.5,"used_top1":0.2,
       "kl_to_uniform":1,"entropy":2,"gini":0.3,"dead":4}],"unmeasured":{"facts":"none"}}
      """;

  @Test
  void evaluationsAreReadOrRefusedByName() throws IOException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path file = files.getPath("/" + Evaluation.FILE);
      Random random = new Random(16);
      int refused = 0;
      for (int i = 0; i < INPUTS; i++) {
        byte[] bytes = Damage.of(EVALUATION, random);
        Files.write(file, bytes);
        try {
          assertThat(Evaluation.read(file).checkpoint()).isNotNull();
        } catch (UserException e) {
          refused++;
          assertThat(e.getMessage()).startsWith(file.toString()).doesNotMatch(INTERNALS);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(new String(bytes, StandardCharsets.UTF_8), e);
        }
      }
      System.out.printf("fuzz %s: %d inputs, %d refused%n", file, INPUTS, refused);
      assertThat(refused).isBetween(INPUTS / 4, INPUTS - 1);
    }
  }

  @Test
  void linesThatAreNoUseOfAMemoryAreCounted() throws IOException {
    String line =
        "{\"event\":\"memory\",\"step\":2,\"used_any\":0.5,\"used_top1\":0.2,\"gini\":0.1,"
            + "\"kl_to_uniform\":1,\"entropy\":2,\"dead\":3}\n";
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path file = files.getPath("/metrics.jsonl");
      Random random = new Random(18);
      int unreadable = 0;
      for (int i = 0; i < INPUTS; i++) {
        byte[] bytes = Damage.of(line, random);
        Files.write(file, bytes);
        Files.writeString(file, "\n" + line, StandardOpenOption.APPEND);
        List<MemoryUse> history = new ArrayList<>();
        try {
          unreadable += MemoryUse.collect(file, history) > 0 ? 1 : 0;
        } catch (RuntimeException | Error e) {
          throw new AssertionError(new String(bytes, StandardCharsets.UTF_8), e);
        }
        assertThat(history).hasSizeBetween(1, 2).last().isEqualTo(intact());
      }
      System.out.printf("fuzz %s: %d inputs, %d unreadable%n", file, INPUTS, unreadable);
      assertThat(unreadable).isBetween(INPUTS / 4, INPUTS - 1);
    }
  }

  private static MemoryUse intact() {
    return new MemoryUse(2L, 0.5, 0.2, 1, 2, 0.1, 3, null);
  }
}
