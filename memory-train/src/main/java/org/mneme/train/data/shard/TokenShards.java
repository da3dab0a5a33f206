// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.mneme.train.data.document.DataFile;
import org.mneme.train.data.document.DocumentCursor;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.document.SkippedLines;
import org.mneme.train.data.document.SourceFingerprint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of token shards. Each is found again by the hashes of its source and of its tokenizer,
 * so that the same text is tokenised once, and never with another tokenizer than asked for.
 *
 * <p>A shard is written beside its place and moved there when it is whole and on the disk: whoever
 * is killed half-way leaves no shard. Of several processes that want the same one at once, one
 * makes it and the others wait.
 */
public final class TokenShards {

  private static final Logger LOG = LoggerFactory.getLogger(TokenShards.class);
  private static final int BATCH_DOCUMENTS = 512;
  private static final int BATCH_CHARACTERS = 1 << 20;

  private final Path directory;

  /** Shards in a folder, which is made when the first is written. */
  public TokenShards(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens the shard of a source, after tokenising the source where there is none yet or where it is
   * damaged.
   *
   * @param progress hears of "tokenise", in documents
   * @throws UserException when the source cannot be read or has no text, or the shard cannot be
   *     written
   */
  public TokenShard buildOrOpen(
      DocumentSource source, TokenEncoder encoder, ProgressListener progress) {
    SourceFingerprint fingerprint = source.fingerprint();
    Path file = directory.resolve(fileName(source, fingerprint.sha256(), encoder.sha256()));
    Build build = new Build(file, source, fingerprint, encoder, progress);
    Optional<TokenShard> known = build.find();
    if (known.isPresent()) {
      return known.get();
    }
    try {
      return BuildLock.holding(file, build::findOrMake);
    } catch (IOException e) {
      throw FileFault.cannotBe(file, "written", e);
    }
  }

  private static String fileName(DocumentSource source, HashCode sourceHash, HashCode tokenizer) {
    String readable = source.name().replaceAll("[^A-Za-z0-9._-]", "_");
    HashCode both =
        Hashing.sha256()
            .newHasher()
            .putBytes(sourceHash.asBytes())
            .putBytes(tokenizer.asBytes())
            .hash();
    return readable + "-" + both.toString().substring(0, 16) + ".tokens";
  }

  /** A shard that is wanted. */
  private record Build(
      Path file,
      DocumentSource source,
      SourceFingerprint fingerprint,
      TokenEncoder encoder,
      ProgressListener progress) {

    /** The shard, if it is there and good. */
    Optional<TokenShard> find() {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      try {
        TokenShard shard = TokenShard.open(file);
        if (shard.sourceSha256().equals(fingerprint.sha256())
            && shard.tokenizerSha256().equals(encoder.sha256())) {
          LOG.info("{}: {} tokens are there already, in {}", source.name(), shard.tokens(), file);
          return Optional.of(told(shard));
        }
        LOG.warn("{}: is of another source or tokenizer; it is made anew", file);
      } catch (UserException e) {
        LOG.warn("{}; it is made anew", e.getMessage());
      }
      return Optional.empty();
    }

    /** Looks again, since somebody else may have made it while this one waited. */
    TokenShard findOrMake() throws IOException {
      Optional<TokenShard> made = find();
      if (made.isPresent()) {
        return made.get();
      }
      AtomicFile.deleteLeftovers(file);
      AtomicFile.write(file, this::write);
      return told(TokenShard.open(file));
    }

    private TokenShard told(TokenShard shard) {
      TokenShard present = shard.of(source.name(), fingerprint.files());
      SkippedLines skipped = present.summary().skippedLines();
      if (skipped.count() > 0) {
        LOG.warn("{}: {}", source.name(), skipped);
      }
      return present;
    }

    private void write(FileChannel channel) throws IOException {
      ShardWriter writer = new ShardWriter(channel, encoder.vocabularySize());
      ShardNotes notes = tokenise(writer);
      fingerprint.files().forEach(DataFile::requireUnchanged);
      writer.finish(fingerprint.sha256(), encoder.sha256(), notes);
    }

    private ShardNotes tokenise(ShardWriter writer) throws IOException {
      long read = 0;
      int threads = Runtime.getRuntime().availableProcessors();
      try (DocumentCursor cursor = source.open();
          EncodingQueue queue = new EncodingQueue(encoder, threads)) {
        while (cursor.hasNext() || !queue.isEmpty()) {
          if (cursor.hasNext() && !queue.isFull()) {
            queue.add(nextTexts(cursor));
          } else {
            read += add(queue.take(), writer);
            progress.progress("tokenise", read, -1);
          }
        }
        progress.progress("tokenise", read, read);
        check(writer, read);
        return new ShardNotes(
            source.name(), fingerprint.files(), read - writer.documents(), cursor.skipped());
      }
    }

    private static int add(List<int[]> documents, ShardWriter writer) throws IOException {
      for (int[] tokens : documents) {
        if (tokens.length > 0) {
          writer.add(tokens);
        }
      }
      return documents.size();
    }

    private void check(ShardWriter writer, long read) {
      if (writer.documents() == 0) {
        throw new UserException(source.name() + ": has no text; expected at least one document");
      }
      LOG.info("{}: {} documents, {} tokens", source.name(), writer.documents(), writer.tokens());
      if (writer.documents() < read) {
        LOG.info("{}: {} empty documents left out", source.name(), read - writer.documents());
      }
    }

    private static List<String> nextTexts(DocumentCursor cursor) {
      List<String> texts = new ArrayList<>();
      long characters = 0;
      while (texts.size() < BATCH_DOCUMENTS && characters < BATCH_CHARACTERS && cursor.hasNext()) {
        String text = cursor.next().text();
        characters += text.length();
        texts.add(text);
      }
      return texts;
    }
  }
}
