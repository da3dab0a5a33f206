// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.text.JsonlSource;

/** Builds a shard in a process of its own, which says when it begins to encode and what it made. */
final class ShardProcess {
  static final String ENCODING = "encoding";

  private ShardProcess() {}

  /** Arguments: a JSONL file, the folder of the shards, milliseconds to wait for each batch. */
  public static void main(String[] arguments) {
    TokenShard shard =
        new TokenShards(Path.of(arguments[1]))
            .buildOrOpen(
                new JsonlSource(Path.of(arguments[0])),
                new Slow(new Letters(), Long.parseLong(arguments[2])),
                ProgressListener.NONE);
    System.out.println(shard.documents() + " " + shard.tokens());
  }

  static Process start(Path file, Path shards, long delay, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ShardProcess.class.getName());
    command.addAll(List.of(file.toString(), shards.toString(), Long.toString(delay)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Takes its time, and tells when it is asked for the first time. */
  record Slow(Letters letters, long delay) implements TokenEncoder {
    @Override
    public List<int[]> encode(List<String> texts) {
      System.out.println(ENCODING);
      try {
        Thread.sleep(delay);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return letters.encode(texts);
    }

    @Override
    public int vocabularySize() {
      return letters.vocabularySize();
    }

    @Override
    public HashCode sha256() {
      return letters.sha256();
    }
  }
}
