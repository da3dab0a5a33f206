// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.knowledge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.mneme.model.config.JsonFactories;

/**
 * An entry as it stands on a line; what is not there is null. Other keys, such as the entry's use,
 * are told by an export and mean nothing to an import.
 *
 * @param entry its index
 * @param text its text
 * @param tokens its token ids
 * @param vector its vector
 * @param owner the tag of the context that it belongs to
 * @param votes its votes there
 */
@SuppressWarnings("ArrayRecordComponent")
record EntryLine(
    int entry, String text, int[] tokens, float[] vector, Integer owner, Integer votes) {
  /** Keys that mean nothing here may hold what they like: NaN, long numbers, deep nesting. */
  private static final JsonFactory JSON =
      JsonFactories.withoutLimits()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  /** What the parser adds about its settings and its own view of the text. */
  private static final String ASIDE =
      "( \\((start marker at|for|from|not recognized)|: enable `).*$";

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException telling what was found and what was expected
   */
  static EntryLine parse(String line) {
    try (JsonParser json = JSON.createParser(line)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, "no JSON object", "one for each entry");
      EntryLine entry = new Fields(json).read();
      expect(json.nextToken() == null, "more after the end of the object", "one object a line");
      return entry;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not JSON: " + e.getOriginalMessage().replaceFirst(ASIDE, ""), e);
    } catch (IOException e) {
      throw new IllegalStateException("a string cannot be read", e);
    }
  }

  private static void expect(boolean holds, String found, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(found + ", expected " + expected);
    }
  }

  /** Gathers the fields of an object. */
  private static final class Fields {
    private final JsonParser json;
    private Integer entry;
    private String text;
    private int[] tokens;
    private float[] vector;
    private Integer owner;
    private Integer votes;

    Fields(JsonParser json) {
      this.json = json;
    }

    EntryLine read() throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        switch (key) {
          case "entry" -> entry = integer(key, value, 0);
          case "text" -> {
            expect(value == JsonToken.VALUE_STRING, found(key), "a string");
            text = json.getText();
          }
          case "tokens" -> tokens = tokens(key, value);
          case "vector" -> vector = vector(key, value);
          case "owner" -> owner = integer(key, value, Integer.MIN_VALUE);
          case "votes" -> votes = integer(key, value, 0);
          default -> json.skipChildren();
        }
      }
      expect(entry != null, "no \"entry\"", "its index");
      return new EntryLine(entry, text, tokens, vector, owner, votes);
    }

    private int integer(String key, JsonToken value, int least) throws IOException {
      expect(value == JsonToken.VALUE_NUMBER_INT, found(key), "a whole number");
      boolean huge = json.getNumberType() == JsonParser.NumberType.BIG_INTEGER;
      expect(!huge, found(key), least + " to " + Integer.MAX_VALUE);
      long number = json.getLongValue();
      boolean fits = number >= least && number <= Integer.MAX_VALUE;
      expect(fits, found(key), least + " to " + Integer.MAX_VALUE);
      return (int) number;
    }

    private int[] tokens(String key, JsonToken value) throws IOException {
      expect(value == JsonToken.START_ARRAY, found(key), "an array of token ids");
      List<Integer> ids = new ArrayList<>();
      for (JsonToken id = json.nextToken(); id != JsonToken.END_ARRAY; id = json.nextToken()) {
        ids.add(integer(key, id, 0));
      }
      return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private float[] vector(String key, JsonToken value) throws IOException {
      expect(value == JsonToken.START_ARRAY, found(key), "an array of numbers");
      List<Float> numbers = new ArrayList<>();
      for (JsonToken one = json.nextToken(); one != JsonToken.END_ARRAY; one = json.nextToken()) {
        expect(one.isNumeric(), found(key), "numbers");
        // The text itself: by way of a double some numbers would be rounded twice.
        float number = Float.parseFloat(json.getText());
        expect(Float.isFinite(number), found(key), "a finite f32");
        numbers.add(number);
      }
      float[] all = new float[numbers.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = numbers.get(i);
      }
      return all;
    }

    private String found(String key) throws IOException {
      return "\"" + key + "\" has " + json.getText();
    }
  }
}
