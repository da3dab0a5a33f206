// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Encodes texts on all processors and gives the tokens back in the order of the texts. It holds a
 * few batches for each processor, so that who fills it waits for nobody and memory stays bounded.
 */
final class EncodingQueue implements AutoCloseable {

  private static final int BATCHES_PER_THREAD = 2;

  private final TokenEncoder encoder;
  private final int capacity;
  private final ExecutorService workers;
  private final Deque<Future<List<int[]>>> batches = new ArrayDeque<>();

  EncodingQueue(TokenEncoder encoder, int threads) {
    this.encoder = encoder;
    this.capacity = BATCHES_PER_THREAD * threads;
    this.workers = Executors.newFixedThreadPool(threads, EncodingQueue::worker);
  }

  private static Thread worker(Runnable work) {
    Thread thread = new Thread(work, "tokenise");
    thread.setDaemon(true);
    return thread;
  }

  boolean isFull() {
    return batches.size() >= capacity;
  }

  boolean isEmpty() {
    return batches.isEmpty();
  }

  void add(List<String> texts) {
    batches.add(workers.submit(() -> encoder.encode(texts)));
  }

  /** Waits for the tokens of the batch that was added first. */
  List<int[]> take() {
    try {
      return batches.remove().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while tokenising", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("tokenising failed", e.getCause());
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
