// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mneme.compute.UserException;

class BiographiesTest {
  private static final Vocabulary VOCABULARY = Vocabulary.load();

  private static Biographies biographies(int people, int exposures, long seed) {
    return new Biographies(new BiographyConfig(people, exposures, seed));
  }

  @Test
  void everyDocumentTellsEveryFactOfOnePersonOnce() {
    Biographies biographies = biographies(30, 4, 1);
    Map<String, Map<String, String>> values =
        biographies
            .facts()
            .filter(fact -> fact.phrasing() == Phrasing.TRAIN)
            .collect(
                Collectors.groupingBy(
                    Fact::person, Collectors.toMap(Fact::attribute, Fact::value)));
    assertThat(values).hasSize(30);
    List<String> documents = biographies.documents().toList();
    assertThat(documents).hasSize(120).doesNotHaveDuplicates();
    for (String document : documents) {
      List<String> subjects = values.keySet().stream().filter(document::contains).toList();
      assertThat(subjects).hasSize(1);
      assertThat(values.get(subjects.get(0)))
          .hasSize(6)
          .allSatisfy((attribute, value) -> assertThat(document).contains(" " + value));
    }
  }

  @Test
  void heldOutWordsAreInNoDocument() {
    Biographies biographies = biographies(50, 6, 3);
    String all = biographies.documents().collect(Collectors.joining("\n"));
    List<Fact> facts = biographies.facts().toList();
    assertThat(facts).hasSize(600);
    long seen =
        facts.stream()
            .filter(fact -> fact.phrasing() == Phrasing.TRAIN)
            .filter(fact -> all.contains(fact.prompt() + fact.answer()))
            .count();
    // Each of 300 questions is in one of 6 forms, of which 6 exposures show 67 % of them.
    assertThat(seen).isBetween(150L, 250L);
    assertThat(facts)
        .filteredOn(fact -> fact.phrasing() == Phrasing.HELD_OUT)
        .hasSize(300)
        .noneMatch(fact -> all.contains(fact.prompt()));
  }

  @Test
  void aSeedGivesTheSameTextAndTheFirstPeopleWhateverTheirNumber() {
    List<String> few = biographies(20, 2, 7).documents().toList();
    assertThat(biographies(20, 2, 7).documents()).containsExactlyElementsOf(few);
    assertThat(biographies(200, 5, 7).documents().limit(20))
        .containsExactlyElementsOf(few.subList(0, 20));
    assertThat(biographies(20, 2, 8).documents()).doesNotContainAnyElementsOf(few);
  }

  @Test
  void namesAreUnique() {
    assertThat(biographies(20_000, 1, 1).facts().map(Fact::person).distinct()).hasSize(20_000);
  }

  @Test
  void noValueBeginsWithAnother() {
    for (Attribute attribute : VOCABULARY.attributes()) {
      TreeSet<String> sorted =
          IntStream.range(0, attribute.values().count())
              .mapToObj(attribute.values().at())
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(sorted).as(attribute.id()).hasSize(attribute.values().count());
      String before = null;
      for (String value : sorted) {
        if (before != null) {
          assertThat(value).doesNotStartWith(before);
        }
        before = value;
      }
    }
  }

  @Test
  void valuesAreDrawnUniformly() {
    List<String> cities =
        biographies(20_000, 1, 5)
            .facts()
            .filter(fact -> fact.attribute().equals("work_city"))
            .filter(fact -> fact.phrasing() == Phrasing.TRAIN)
            .map(Fact::value)
            .toList();
    Map<String, Long> counts =
        cities.stream().collect(Collectors.groupingBy(city -> city, Collectors.counting()));
    // 100 are expected of each of 200 cities; 5 standard deviations are 50.
    assertThat(counts).hasSize(200).allSatisfy((city, n) -> assertThat(n).isBetween(50L, 150L));
  }

  @Test
  void theInformationIsThatOfTheLists() {
    double bits = Math.log(33_600.0 * 200 * 200 * 100 * 200 * 200) / Math.log(2);
    assertThat(biographies(1, 1, 1).bitsPerPerson()).isCloseTo(bits, within(1e-9));
  }

  @Test
  void filesHoldWhatWasMade(@TempDir Path folder) throws IOException {
    Biographies biographies = biographies(3, 2, 1);
    FactFiles files = new FactFiles(folder.resolve("new"));
    files.write(biographies);
    JsonMapper json = new JsonMapper();
    List<String> texts = new ArrayList<>();
    for (String line : Files.readAllLines(files.biographies())) {
      texts.add(json.readTree(line).get("text").textValue());
    }
    assertThat(texts).containsExactlyElementsOf(biographies.documents().toList());
    assertThat(Files.readAllLines(files.facts()))
        .hasSize(36)
        .first()
        .asString()
        .contains("\"attribute\":\"birth_date\"", "\"phrasing\":\"train\"", "\"choices\":33600");
  }

  @Test
  void refusesNobody() {
    assertThatThrownBy(() -> new BiographyConfig(0, 1, 1))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("people is 0");
    assertThatThrownBy(() -> new BiographyConfig(1, 0, 1))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("exposures is 0");
  }
}
