// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.HashCode;
import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mneme.compute.UserException;
import org.mneme.train.data.document.Damage;
import org.mneme.train.data.document.Document;
import org.mneme.train.data.document.DocumentSource;
import org.mneme.train.data.document.ProgressListener;
import org.mneme.train.data.text.JsonlSource;

class TokenShardsTest {

  private static final int VERSION_AT = 8;
  private static final int WIDTH_AT = 12;
  private static final int DOCUMENTS_AT = 16;
  private static final int TOKENS_AT = 24;
  private static final int VOCABULARY_AT = 32;
  private static final int NOTES_AT = 36;

  private final Letters letters = new Letters();

  @TempDir Path directory;

  @Test
  void holdsTheTokensOfEveryDocumentThatHasSome() {
    TokenShard shard = build(Letters.source("abc", "", "z", "hello"));
    assertThat(shard.documents()).isEqualTo(3);
    assertThat(shard.tokens()).isEqualTo(9);
    assertThat(shard.tokens(0)).containsExactly(3, 4, 5);
    assertThat(shard.tokens(1)).containsExactly(28);
    assertThat(letters.decode(shard.tokens(2))).isEqualTo("hello");
    assertThat(shard.vocabularySize()).isEqualTo(29);
    int[] part = new int[4];
    shard.copy(2, 1, 2, part, 1);
    assertThat(part).containsExactly(0, 7, 14, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {29, 1 << 16, (1 << 16) + 1, 200_000})
  void readsThroughManyWindows(int vocabularySize) {
    Random random = new Random(vocabularySize);
    List<int[]> documents = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      documents.add(random.ints(1 + random.nextInt(90), 0, vocabularySize).toArray());
    }
    documents.set(3, new int[] {vocabularySize - 1, 0});
    TokenEncoder encoder = new Prepared(documents, vocabularySize);
    DocumentSource source =
        DocumentSource.of(
            "numbers",
            IntStream.range(0, 700).mapToObj(i -> new Document(String.valueOf(i))).toList());
    Path file = new TokenShards(directory).buildOrOpen(source, encoder, (s, d, t) -> {}).file();
    TokenShard shard = TokenShard.open(file, 64);
    for (int i = 0; i < 700; i++) {
      assertThat(shard.tokens(i)).isEqualTo(documents.get(i));
    }
  }

  @Test
  void isMadeOnceForTheSameTextAndTokenizer() throws IOException {
    DocumentSource source = Letters.source("abc", "de");
    Path file = build(source).file();
    FileTime old = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(file, old);
    assertThat(build(source).file()).isEqualTo(file);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);
    assertThat(build(Letters.source("abc", "df")).file()).isNotEqualTo(file);
    Letters other = new Letters(30);
    TokenShard third = new TokenShards(directory).buildOrOpen(source, other, ProgressListener.NONE);
    assertThat(third.file()).isNotEqualTo(file);
    assertThat(third.tokenizerSha256()).isEqualTo(other.sha256());
    assertThat(third.sourceSha256()).isEqualTo(source.sha256());
  }

  @Test
  void isMadeAnewWhereItIsDamaged() throws IOException {
    DocumentSource source = Letters.source("abc", "de");
    Path file = build(source).file();
    byte[] good = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(good, good.length - 1));
    assertThat(build(source).tokens(1)).containsExactly(6, 7);
    assertThat(Files.readAllBytes(file)).isEqualTo(good);
  }

  @Test
  void leavesNothingBehindWhereTheSourceIsBad() throws IOException {
    Path file = Files.writeString(directory.resolve("bad.jsonl"), "{\"text\":\"abc\"}\noops\n");
    Path shards = directory.resolve("shards");
    assertThatThrownBy(
            () ->
                new TokenShards(shards)
                    .buildOrOpen(new JsonlSource(file), letters, ProgressListener.NONE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("line 2");
    try (Stream<Path> left = Files.list(shards)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void refusesASourceWithoutText() {
    assertThatThrownBy(() -> build(Letters.source("", "")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("has no text");
  }

  @Test
  void reportsProgressInDocuments() {
    List<Long> done = new ArrayList<>();
    DocumentSource source = Letters.source("x", "", "y");
    new TokenShards(directory).buildOrOpen(source, letters, (stage, d, total) -> done.add(d));
    assertThat(done).isNotEmpty().last().isEqualTo(3L);
  }

  @Test
  void refusesFilesThatAreNoShard() throws IOException {
    assertRefused(directory.resolve("none.tokens"), "no such file");
    assertRefused(Files.write(directory.resolve("empty"), new byte[0]), "0 bytes", "header");
    assertRefused(Files.write(directory.resolve("zeros"), new byte[200]), "\"MNEMETOK\"");
  }

  @Test
  void refusesHeadersThatLie() throws IOException {
    assertRefused(altered(VERSION_AT, 9, false), "version 9", "version 3");
    assertRefused(altered(WIDTH_AT, 4, false), "4 bytes a token");
    assertRefused(altered(WIDTH_AT, 0, false), "0 bytes a token");
    assertRefused(altered(VOCABULARY_AT, 0, false), "vocabulary of 0");
    assertRefused(altered(NOTES_AT, -1, false), "-1 bytes of notes");
    assertRefused(altered(NOTES_AT, Integer.MAX_VALUE, false), "bytes of notes");
    assertRefused(altered(NOTES_AT, 3, false), "a size of", "by its header");
    assertRefused(altered(DOCUMENTS_AT, Long.MAX_VALUE, true), "documents");
    assertRefused(altered(DOCUMENTS_AT, -1, true), "-1 documents");
    assertRefused(altered(DOCUMENTS_AT, 3, true), "a size of", "by its header");
    assertRefused(altered(TOKENS_AT, Long.MAX_VALUE / 2, true), "tokens in");
    assertRefused(altered(TOKENS_AT, -8, true), "-8 tokens");
    assertRefused(altered(TOKENS_AT, 50, true), "a size of", "by its header");
  }

  @Test
  void refusesDocumentsThatDoNotAscend() throws IOException {
    int starts = 128 + 16;
    assertRefused(altered(starts, 1, true), "document 0 from token 1");
    assertRefused(altered(starts + 8, 0, true), "document 0 from token 0 to 0");
    assertRefused(altered(starts + 8, 7, true), "document 0 from token 0 to 7");
    assertRefused(altered(starts + 8, Long.MIN_VALUE, true), "document 0");
    assertRefused(altered(starts + 16, 4, true), "an end at token 4");
  }

  @Test
  void refusesTokensOutsideTheVocabularyWhenItIsOpened() throws IOException {
    assertRefused(altered(128, 0xffff, false), "token 65535", "below 29");
  }

  @Test
  void refusesEveryChangedBit() throws IOException {
    byte[] good = Files.readAllBytes(build(Letters.source("abc", "de")).file());
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertRefused(Files.write(directory.resolve("fuzzed"), bad), "not a usable token shard");
    }
  }

  @Test
  void isMadeAnewWhereBitsAreFlipped() throws IOException {
    String text = "thequickbrownfox".repeat(20_000);
    DocumentSource source = Letters.source(text, "de");
    Path file = build(source).file();
    byte[] good = Files.readAllBytes(file);
    byte[] bad = good.clone();
    Random random = new Random(7);
    for (int flips = 0; flips < 2000; flips++) {
      // Tokens that are still in the vocabulary.
      bad[128 + 2 * random.nextInt(text.length())] = (byte) random.nextInt(29);
    }
    Files.write(file, bad);
    assertRefused(file, "contents with the checksum");
    assertThat(letters.decode(build(source).tokens(0))).isEqualTo(text);
    assertThat(Files.readAllBytes(file)).isEqualTo(good);
  }

  @Test
  void namesTheFileThatIsCutWhileItIsInUse() throws IOException {
    TokenShard shard = build(Letters.source("abc", "x".repeat(100_000)));
    try (FileChannel channel = FileChannel.open(shard.file(), StandardOpenOption.WRITE)) {
      channel.truncate(1000);
    }
    assertThat(letters.decode(shard.tokens(0))).isEqualTo("abc");
    assertThatThrownBy(() -> shard.tokens(1))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(shard.file().toString(), "was cut while it was in use", "1000");
  }

  @Test
  void readsOnWhereAThreadIsInterrupted() throws InterruptedException {
    TokenShard shard = build(Letters.source("abc", "de"));
    List<Object> seen = new CopyOnWriteArrayList<>();
    Thread reader =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              seen.add(letters.decode(shard.tokens(0)));
              seen.add(Thread.currentThread().isInterrupted());
            });
    reader.start();
    reader.join();
    assertThat(seen).containsExactly("abc", true);
    assertThat(letters.decode(shard.tokens(1))).isEqualTo("de");
  }

  @Test
  void fuzzedFilesAreRefusedOrTheSame() throws IOException {
    long seed = 9;
    Random random = new Random(seed);
    Path original = build(Letters.source("abc", "de", "fghij")).file();
    byte[] good = Files.readAllBytes(original);
    int refused = 0;
    try (FileSystem memory = Jimfs.newFileSystem(Configuration.unix())) {
      Path file = memory.getPath("fuzzed");
      for (int round = 0; round < Damage.ROUNDS; round++) {
        byte[] bad = Damage.of(good, random);
        Files.write(file, bad);
        try {
          TokenShard.open(file);
          assertThat(bad).as("round %s of seed %s", round, seed).isEqualTo(good);
        } catch (UserException e) {
          assertThat(e).hasMessageContaining("fuzzed");
          refused++;
        }
      }
    }
    System.out.printf(
        "fuzz shards: %d inputs, seed %d, %d refused%n", Damage.ROUNDS, seed, refused);
    assertThat(refused).isGreaterThan(0);
  }

  private TokenShard build(DocumentSource source) {
    return new TokenShards(directory).buildOrOpen(source, letters, ProgressListener.NONE);
  }

  /** A shard of 2 documents and 5 tokens, in 128 + 16 + 24 bytes and notes, one number changed. */
  private Path altered(int at, long value, boolean wide) throws IOException {
    byte[] bytes = Files.readAllBytes(build(Letters.source("abc", "de")).file());
    assertThat(new String(bytes, 128 + 16 + 24, 8, StandardCharsets.UTF_8)).isEqualTo("{\"name\":");
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (wide) {
      buffer.putLong(at, value);
    } else {
      buffer.putInt(at, (int) value);
    }
    return Files.write(directory.resolve("altered.tokens"), bytes);
  }

  private static void assertRefused(Path file, String... parts) {
    assertThatThrownBy(() -> TokenShard.open(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  /** "Encodes" the number of a document to tokens that are there already. */
  private record Prepared(List<int[]> documents, int vocabularySize) implements TokenEncoder {
    @Override
    public List<int[]> encode(List<String> texts) {
      return texts.stream().map(text -> documents.get(Integer.parseInt(text))).toList();
    }

    @Override
    public HashCode sha256() {
      return new Letters(vocabularySize).sha256();
    }
  }
}
