// SPDX-License-Identifier: Apache-2.0
package org.mneme.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URL;
import org.mneme.train.data.DocumentSet;
import org.mneme.train.preflight.Versions;

/**
 * What tells a run from others of the same configuration: data and code, which a program can bring
 * itself. Every training writes it into {@code info.json}, so that runs that differ in it are not
 * taken for seeds of one experiment.
 *
 * @param data what is learned from and held out
 * @param fusion the class of a fusion that is not a configured one, with a hash of its code; null
 *     for a configured one
 * @param provider of the device
 * @param mneme version of the library
 * @param commit of the checkout that the library was built in; null where there is none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunIdentity(Data data, String fusion, String provider, String mneme, String commit) {
  private static final int DIGITS = 16;

  /**
   * The data.
   *
   * @param source SHA-256 of the documents, training and held-out ones
   * @param tokenizer SHA-256 of the tokenizer
   * @param training hash of the numbers of the documents to learn from, in their order
   * @param heldOut hash of the numbers of the held-out documents; null if there are none
   * @param tokens of the training documents
   * @param knowledge SHA-256 of the sentences for the first contents of a memory
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Data(
      String source,
      String tokenizer,
      String training,
      String heldOut,
      long tokens,
      String knowledge) {

    /** The identity of data. */
    public static Data of(TrainingData data) {
      DocumentSet documents = data.training().documents();
      return new Data(
          documents.sourceSha256().toString(),
          data.tokenizer().sha256().toString(),
          hash(documents),
          data.validation().map(heldOut -> hash(heldOut.documents())).orElse(null),
          documents.tokens(),
          data.knowledge().sourceSha256().toString());
    }

    private static String hash(DocumentSet documents) {
      Hasher hasher = Hashing.sha256().newHasher();
      for (int i = 0; i < documents.size(); i++) {
        hasher.putInt(documents.number(i));
      }
      return hasher.hash().toString().substring(0, DIGITS);
    }
  }

  /** The identity of a training. */
  static RunIdentity of(TrainingSetup setup) {
    Versions versions = Versions.found();
    return new RunIdentity(
        Data.of(setup.data()),
        setup.model().ownFusion().map(RunIdentity::describe).orElse(null),
        setup.model().device().info().provider(),
        versions.mneme(),
        versions.commit());
  }

  /**
   * A class and a hash of its code; for a lambda, which has no file, those of the class it is in.
   */
  private static String describe(Class<?> type) {
    String name = type.getName();
    int lambda = name.indexOf("$$Lambda");
    String host = lambda < 0 ? name : name.substring(0, lambda);
    String file = host.substring(host.lastIndexOf('.') + 1) + ".class";
    URL code = type.getResource(file);
    try {
      return code == null
          ? host
          : host
              + "@"
              + Resources.asByteSource(code).hash(Hashing.sha256()).toString().substring(0, DIGITS);
    } catch (IOException e) {
      return host;
    }
  }
}
