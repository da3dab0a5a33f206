// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import java.util.AbstractList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mneme.compute.DType;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Tensor;
import org.mneme.memory.Codebook;
import org.mneme.memory.TokenCodebook;
import org.mneme.memory.VectorCodebook;
import org.mneme.memory.context.ContextMemory;
import org.mneme.memory.initialize.KMeansConfig;
import org.mneme.memory.initialize.KMeansEntries;
import org.mneme.memory.initialize.SentenceEntries;
import org.mneme.memory.initialize.TokenRange;
import org.mneme.model.LanguageModel;
import org.mneme.model.TextCodec;
import org.mneme.model.TokenLosses;
import org.mneme.train.config.MemoryInit;
import org.mneme.train.config.TrainConfig;
import org.mneme.train.data.Batch;
import org.mneme.train.data.BatchIterator;
import org.mneme.train.data.DataPosition;
import org.mneme.train.data.DocumentSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives a memory its first contents. */
final class MemoryInitializer {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryInitializer.class);
  private static final int ITERATIONS = 10;

  /** Points for each centre: enough for means that mean something, few enough to be quick. */
  private static final int POINTS_PER_ENTRY = 8;

  /** Fewer for each entry, but one at least, where the points would take more than 4 GiB. */
  private static final long MOST_POINT_ELEMENTS = 1L << 30;

  private final LanguageModel model;
  private final TrainingData data;
  private final long seed;
  private final boolean maskPadding;

  MemoryInitializer(LanguageModel model, TrainingData data, TrainConfig config) {
    this.model = model;
    this.data = data;
    this.seed = config.seed();
    this.maskPadding = config.maskPadding();
  }

  /**
   * Fills the memory, if there is one.
   *
   * @throws org.mneme.compute.UserException if its entries cannot be filled in this way
   */
  void initialize(MemoryInit init) {
    if (init == MemoryInit.RANDOM || model.memory().isEmpty()) {
      return;
    }
    init.requireFor(model.config(), data.knowledge() != data.training().documents());
    Codebook codebook = model.memory().get();
    if (model.contexts().isPresent()) {
      read(model.contexts().get());
    } else if (codebook instanceof TokenCodebook tokens) {
      initialize(tokens, init);
    } else {
      initialize((VectorCodebook) codebook);
    }
  }

  /** Entries that belong to contexts get theirs by reading. */
  private void read(ContextMemory contexts) {
    int longest = model.config().maxSeqLen();
    try (ContextKnowledge reader =
        new ContextKnowledge(model.device(), contexts, data.tokenizer(), longest)) {
      reader.read(data.knowledge());
    }
    LOG.info("Memory entries: {} of all filled by reading knowledge", contexts.filled());
  }

  private void initialize(TokenCodebook codebook, MemoryInit init) {
    List<int[]> sentences = sentences(data.knowledge());
    if (init == MemoryInit.KMEANS) {
      Tensor embeddings = model.embeddings().master();
      int width = model.config().dim();
      KMeansEntries.sentences(codebook, embeddings, sentences, kMeans(codebook, width));
      return;
    }
    TokenRange range = new TokenRange(firstOrdinary(data.tokenizer()), model.config().vocabSize());
    SentenceEntries.Filling filling = SentenceEntries.fill(codebook, sentences, range, seed);
    LOG.info(
        "Memory entries: {} beginnings of sentences, {} later pieces, {} random",
        filling.firstPieces(),
        filling.furtherPieces(),
        filling.random());
    int frozen = model.config().ema().build().frozenEntries(codebook.entries());
    if (frozen > filling.firstPieces()) {
      LOG.warn(
          "{} entries are frozen (freeze_ratio), but there are {} sentences only",
          frozen,
          filling.firstPieces());
    }
  }

  private KMeansConfig kMeans(Codebook codebook, int width) {
    return new KMeansConfig(ITERATIONS, points(codebook, width), seed);
  }

  /** How many points of a width are clustered. */
  private static int points(Codebook codebook, int width) {
    long many = (long) POINTS_PER_ENTRY * codebook.entries();
    long room = Math.max(codebook.entries(), MOST_POINT_ELEMENTS / width);
    return Math.toIntExact(Math.min(many, room));
  }

  /** The documents, each read when it is asked for. */
  private static List<int[]> sentences(DocumentSet documents) {
    return new AbstractList<>() {
      @Override
      public int[] get(int index) {
        return documents.tokens(index);
      }

      @Override
      public int size() {
        return documents.size();
      }
    };
  }

  /** The lowest id behind special tokens that stand at the beginning of the vocabulary. */
  private static int firstOrdinary(TextCodec codec) {
    Set<Integer> special = new HashSet<>();
    special.add(codec.beginId());
    special.add(codec.endId());
    special.add(codec.padId());
    int first = 0;
    while (special.contains(first)) {
      first++;
    }
    return first;
  }

  private void initialize(VectorCodebook codebook) {
    int width = codebook.width();
    long count = points(codebook, width);
    try (Tensor points = model.device().allocate(MemoryTag.WORKSPACE, DType.F32, count, width)) {
      long found = gatherQueries(points);
      KMeansEntries.vectors(codebook, points.rows(0, found), kMeans(codebook, width));
    }
    model.parameters().refreshCopy();
  }

  /**
   * Fills the rows with gate queries of the text of the first batches and returns how many rows
   * there are.
   */
  private long gatherQueries(Tensor points) {
    QueryGatherer gatherer = new QueryGatherer(points);
    TokenLosses losses = new TokenLosses(model, gatherer);
    BatchIterator batches = data.training().epochs(DataPosition.START, 1);
    while (batches.hasNext() && !gatherer.isFull()) {
      Batch next = batches.next();
      Batch batch = maskPadding ? next.shortened(model.device()) : next;
      gatherer.begin(maskPadding ? batch.lengths() : null, batch.sequence());
      losses.of(batch.inputIds(), batch.targets(), batch.batch(), batch.sequence());
    }
    return gatherer.filled();
  }
}
