// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data;

import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mneme.compute.UserException;
import org.mneme.model.io.AtomicFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of token shards. Each is found again by the hashes of its source and of its tokenizer,
 * so that the same text is tokenised once, and never with another tokenizer than asked for.
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
    HashCode sourceHash = source.sha256();
    HashCode tokenizerHash = encoder.sha256();
    Path file = directory.resolve(fileName(source, sourceHash, tokenizerHash));
    if (Files.exists(file)) {
      try {
        TokenShard shard = TokenShard.open(file);
        if (shard.sourceSha256().equals(sourceHash)
            && shard.tokenizerSha256().equals(tokenizerHash)) {
          LOG.info("{}: {} tokens are there already, in {}", source.name(), shard.tokens(), file);
          return shard;
        }
        LOG.warn("{}: is of another source or tokenizer; it is made anew", file);
      } catch (UserException e) {
        LOG.warn("{}; it is made anew", e.getMessage());
      }
    }
    build(file, source, sourceHash, encoder, progress);
    return TokenShard.open(file);
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

  private static void build(
      Path file,
      DocumentSource source,
      HashCode sourceHash,
      TokenEncoder encoder,
      ProgressListener progress) {
    try {
      AtomicFile.write(
          file,
          channel -> {
            ShardWriter writer = tokenise(channel, source, encoder, progress);
            writer.finish(sourceHash, encoder.sha256());
          });
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static ShardWriter tokenise(
      FileChannel channel, DocumentSource source, TokenEncoder encoder, ProgressListener progress)
      throws IOException {
    ShardWriter writer = new ShardWriter(channel, encoder.vocabularySize());
    long read = 0;
    try (DocumentCursor cursor = source.open()) {
      while (cursor.hasNext()) {
        List<String> texts = nextTexts(cursor);
        for (int[] tokens : encoder.encode(texts)) {
          if (tokens.length > 0) {
            writer.add(tokens);
          }
        }
        read += texts.size();
        progress.progress("tokenise", read, -1);
      }
    }
    progress.progress("tokenise", read, read);
    if (writer.documents() == 0) {
      throw new UserException(source.name() + ": has no text; expected at least one document");
    }
    LOG.info("{}: {} documents, {} tokens", source.name(), writer.documents(), writer.tokens());
    if (writer.documents() < read) {
      LOG.info("{}: {} empty documents left out", source.name(), read - writer.documents());
    }
    return writer;
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
