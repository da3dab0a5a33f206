// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mneme.eval.generate.SplitMix64;

/**
 * Biographies of people who do not exist, after the bioS data of Allen-Zhu and Li, "Physics of
 * Language Models: Part 3.3, Knowledge Capacity Scaling Laws" (2024): every value is drawn
 * uniformly and independently, so that the information in them is known.
 *
 * <p>A person is the subject of several documents, the <em>exposures</em>. Each tells all of the
 * person's attributes in an order and in words of its own; every sentence has the full name. All of
 * it comes from the seed.
 */
public final class Biographies {
  private static final int NAMES = 1;
  private static final int VALUES = 2;
  private static final int DOCUMENTS = 3;
  private static final int QUESTIONS = 4;

  private final BiographyConfig config;
  private final Vocabulary vocabulary = Vocabulary.load();
  private final List<Person> people;

  /** Draws the people. */
  public Biographies(BiographyConfig config) {
    this.config = config;
    this.people = people();
  }

  private List<Person> people() {
    SplitMix64 random = SplitMix64.of(config.seed(), NAMES);
    Set<Integer> taken = new HashSet<>();
    List<Person> drawn = new ArrayList<>();
    while (drawn.size() < config.people()) {
      int name = random.nextInt(vocabulary.names());
      if (taken.add(name)) {
        drawn.add(person(drawn.size(), vocabulary.name(name)));
      }
    }
    return List.copyOf(drawn);
  }

  private Person person(int number, String name) {
    SplitMix64 random = SplitMix64.of(config.seed(), VALUES, number);
    List<String> values =
        vocabulary.attributes().stream()
            .map(Attribute::values)
            .map(of -> of.at().apply(random.nextInt(of.count())))
            .toList();
    return new Person(number, name, values);
  }

  /** The documents: every person once, then every person again, as often as there are exposures. */
  public Stream<String> documents() {
    return IntStream.range(0, config.exposures())
        .boxed()
        .flatMap(exposure -> people.stream().map(person -> document(person, exposure)));
  }

  private String document(Person person, int exposure) {
    SplitMix64 random = SplitMix64.of(config.seed(), DOCUMENTS, exposure, person.number());
    return shuffled(vocabulary.attributes().size(), random).stream()
        .map(index -> sentence(person, index, random))
        .collect(Collectors.joining(" "));
  }

  private String sentence(Person person, int index, SplitMix64 random) {
    Template template = choose(vocabulary.attributes().get(index), Phrasing.TRAIN, random);
    return template.sentence(person.name(), person.values().get(index));
  }

  /** By Fisher and Yates. */
  private static List<Integer> shuffled(int size, SplitMix64 random) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
    for (int last = size - 1; last > 0; last--) {
      order.set(last, order.set(random.nextInt(last + 1), order.get(last)));
    }
    return order;
  }

  /** For every person and attribute a question in words of the biographies and one in others. */
  public Stream<Fact> facts() {
    return people.stream().flatMap(this::facts);
  }

  private Stream<Fact> facts(Person person) {
    SplitMix64 random = SplitMix64.of(config.seed(), QUESTIONS, person.number());
    List<Fact> facts = new ArrayList<>();
    for (int index = 0; index < person.values().size(); index++) {
      for (Phrasing phrasing : Phrasing.values()) {
        facts.add(fact(person, index, phrasing, random));
      }
    }
    return facts.stream();
  }

  private Fact fact(Person person, int index, Phrasing phrasing, SplitMix64 random) {
    Attribute attribute = vocabulary.attributes().get(index);
    return new Fact(
        person.name(),
        attribute.id(),
        person.values().get(index),
        choose(attribute, phrasing, random).prompt(person.name()),
        phrasing,
        attribute.values().count());
  }

  private static Template choose(Attribute attribute, Phrasing phrasing, SplitMix64 random) {
    List<Template> templates = attribute.templates(phrasing);
    return templates.get(random.nextInt(templates.size()));
  }

  /** The information in the values of one person, in bits. */
  public double bitsPerPerson() {
    return vocabulary.attributes().stream().mapToDouble(Attribute::bits).sum();
  }
}
