// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The words that biographies are made of: lists of our own, most of them of made-up names, so that
 * no other text tells anything about them.
 *
 * @param firstNames 240
 * @param middleNames 240
 * @param lastNames 400
 * @param attributes six, in the order in which files list them
 */
record Vocabulary(
    List<String> firstNames,
    List<String> middleNames,
    List<String> lastNames,
    List<Attribute> attributes) {

  static Vocabulary load() {
    JsonNode templates = templates();
    Values cities = words("cities");
    return new Vocabulary(
        lines("first-names"),
        lines("middle-names"),
        lines("last-names"),
        List.of(
            attribute("birth_date", Values.dates(), templates),
            attribute("birth_city", cities, templates),
            attribute("university", words("universities"), templates),
            attribute("major", words("majors"), templates),
            attribute("employer", words("employers"), templates),
            attribute("work_city", cities, templates)));
  }

  /** The number of full names. */
  int names() {
    return firstNames.size() * middleNames.size() * lastNames.size();
  }

  /** The full name of an index below {@link #names}. */
  String name(int index) {
    int first = index / lastNames.size() / middleNames.size();
    int middle = index / lastNames.size() % middleNames.size();
    int last = index % lastNames.size();
    return firstNames.get(first) + " " + middleNames.get(middle) + " " + lastNames.get(last);
  }

  private static Attribute attribute(String id, Values values, JsonNode templates) {
    JsonNode own = templates.get(id);
    return new Attribute(id, values, parse(own.get("train")), parse(own.get("held_out")));
  }

  private static List<Template> parse(JsonNode texts) {
    return StreamSupport.stream(texts.spliterator(), false)
        .map(text -> Template.parse(text.textValue()))
        .toList();
  }

  private static JsonNode templates() {
    try {
      return new JsonMapper().readTree(Resources.toByteArray(resource("templates.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Values words(String list) {
    return Values.of(lines(list));
  }

  private static List<String> lines(String list) {
    try {
      return Resources.readLines(resource(list + ".txt"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static URL resource(String name) {
    return Resources.getResource(Vocabulary.class, name);
  }
}
