// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.common.hash.HashCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.mneme.compute.UnpackedLibraries;
import org.mneme.compute.UserException;
import org.mneme.model.TextCodec;
import org.mneme.model.io.AtomicFile;
import org.mneme.model.io.FileFault;
import org.mneme.train.data.shard.TokenEncoder;

/**
 * A byte-level BPE tokenizer from a Hugging Face {@code tokenizer.json}, by DJL's binding of
 * Hugging Face's library: no truncation, no padding, no special tokens added, no network.
 *
 * <p>Merges never cross the pieces of the pre-tokeniser, so that a text is encoded piece by piece
 * and each piece goes to DJL once: a text of 15 MB takes 2 s and not 10 s.
 *
 * <p>Every text is text: the name of a special token in a document is encoded as its characters,
 * not as that token, and decoding gives back what was encoded. Pieces for which DJL would not do so
 * are encoded in Java, to the ids that Hugging Face gives: those that name a special token, and
 * those with NUL or characters beyond U+FFFF, which DJL hands to the native side in Java's modified
 * UTF-8.
 *
 * <p>Safe for use by several threads. DJL unpacks its native library below {@code ~/.djl.ai}, or
 * below {@code java.io.tmpdir} where the home directory cannot be written.
 */
public final class Tokenizer implements TextCodec, TokenEncoder, AutoCloseable {

  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private static final int CACHED_PIECES = 1 << 18;
  private static final int CACHED_LENGTH = 64;

  private final PreTokenizer preTokenizer = new PreTokenizer();
  private final Map<String, int[]> pieces = new ConcurrentHashMap<>();
  private final HuggingFaceTokenizer djl;
  private final ByteLevelBpe bpe;
  private final TokenizerFile file;
  private final int beginId;
  private final int endId;
  private final int padId;
  private final int vocabularySize;

  private Tokenizer(Path path, TokenizerFile file, SpecialTokens special) {
    this.file = file;
    this.beginId = file.special(path, special.begin());
    this.endId = file.special(path, special.end());
    this.padId = file.special(path, special.pad());
    this.vocabularySize = file.size();
    this.bpe = encoder(path, file);
    this.djl = open(path, file);
  }

  /**
   * Loads a tokenizer that has {@link SpecialTokens#DEFAULT}.
   *
   * @param path a {@code tokenizer.json}, or a directory with one, such as a checkpoint
   * @throws UserException when it is missing or is no byte-level BPE
   */
  public static Tokenizer load(Path path) {
    return load(path, SpecialTokens.DEFAULT);
  }

  /** Loads a tokenizer whose special tokens have the given names, of which some may be the same. */
  public static Tokenizer load(Path path, SpecialTokens special) {
    return new Tokenizer(path, TokenizerFile.read(path), special);
  }

  private static ByteLevelBpe encoder(Path path, TokenizerFile file) {
    try {
      return new ByteLevelBpe(file.vocabulary(), file.merges());
    } catch (IllegalArgumentException e) {
      throw new UserException(
          path + ": " + e.getMessage() + "; expected one for each of the 256 bytes", e);
    }
  }

  private static HuggingFaceTokenizer open(Path path, TokenizerFile file) {
    forbidNetwork();
    requireTemporaryFolder();
    try (InputStream json = file.checked().openStream()) {
      return HuggingFaceTokenizer.newInstance(json, OPTIONS);
    } catch (EngineException | LinkageError e) {
      throw cannotBeLoaded(e);
    } catch (IOException | RuntimeException e) {
      throw new UserException(path + ": refused by Hugging Face's library: " + e.getMessage(), e);
    }
  }

  private static UserException cannotBeLoaded(Throwable cause) {
    return UnpackedLibraries.cannotBeLoaded(
        "the native library of DJL's tokenizers",
        cause,
        "DJL_CACHE_DIR=FOLDER JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER");
  }

  /** Checks what JNA, which DJL uses, would log the lack of with a stack trace. */
  private static void requireTemporaryFolder() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw cannotBeLoaded(
          new IOException(folder + ", the folder of temporary files, cannot be written"));
    }
  }

  /**
   * Keeps DJL from fetching another build of its library where it sees a GPU, and from calling
   * home. It reads nothing but the environment and system properties; what the user has set stays.
   */
  private static void forbidNetwork() {
    setUnlessSet("DJL_OFFLINE", "ai.djl.offline");
    setUnlessSet("OPT_OUT_TRACKING", "OPT_OUT_TRACKING");
  }

  private static void setUnlessSet(String variable, String property) {
    if (System.getenv(variable) == null && System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }

  @Override
  public int[] encode(String text) {
    IntStream.Builder ids = IntStream.builder();
    preTokenizer.split(
        text,
        (start, end) -> {
          for (int id : piece(text.substring(start, end))) {
            ids.add(id);
          }
        });
    return ids.build().toArray();
  }

  @Override
  public List<int[]> encode(List<String> texts) {
    return texts.stream().map(this::encode).toList();
  }

  private int[] piece(String piece) {
    int[] known = pieces.get(piece);
    if (known != null) {
      return known;
    }
    int[] ids =
        isForDjl(piece) ? toInts(djl.encode(piece, false, false).getIds()) : bpe.encode(piece);
    // Frequent words come early, so that a full cache needs no order of leaving.
    if (piece.length() <= CACHED_LENGTH && pieces.size() < CACHED_PIECES) {
      pieces.put(piece, ids);
    }
    return ids;
  }

  private boolean isForDjl(String piece) {
    for (int i = 0; i < piece.length(); i++) {
      char c = piece.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return false;
      }
    }
    return file.added().keySet().stream().noneMatch(piece::contains);
  }

  private static int[] toInts(long[] ids) {
    return LongStream.of(ids).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public String decode(int[] ids) {
    return decode(ids, true);
  }

  /**
   * Decodes ids to text.
   *
   * @param skipSpecial whether special tokens are left out; else their names are in the text
   * @throws IllegalArgumentException when an id is outside the vocabulary
   */
  public String decode(int[] ids, boolean skipSpecial) {
    long[] longs = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= vocabularySize) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT, "ids[%d] is %d, expected 0 to %d", i, ids[i], vocabularySize - 1));
      }
      longs[i] = ids[i];
    }
    return djl.decode(longs, skipSpecial);
  }

  @Override
  public int beginId() {
    return beginId;
  }

  @Override
  public int endId() {
    return endId;
  }

  @Override
  public int padId() {
    return padId;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  /** Returns the SHA-256 of the file. */
  @Override
  public HashCode sha256() {
    return file.sha256();
  }

  /**
   * Writes the file again, byte by byte, as part of a checkpoint.
   *
   * @throws UserException when it cannot be written
   */
  public void write(Path target) {
    try {
      AtomicFile.write(target, channel -> file.content().copyTo(Channels.newOutputStream(channel)));
    } catch (IOException e) {
      throw FileFault.cannotBe(target, "written", e);
    }
  }

  @Override
  public void close() {
    djl.close();
  }
}
