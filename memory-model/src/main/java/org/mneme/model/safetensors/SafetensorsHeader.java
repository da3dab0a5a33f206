// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The JSON header of a safetensors file, read as a stream and checked completely.
 *
 * @param metadata the strings of {@code __metadata__}, in the order of the file
 * @param tensors the tensors in the order of their bytes
 */
record SafetensorsHeader(Map<String, String> metadata, List<TensorEntry> tensors) {
  static final String METADATA = "__metadata__";

  /**
   * Reads the header {@code json} of {@code file}, whose data section has {@code dataSize} bytes.
   */
  static SafetensorsHeader parse(Path file, byte[] json, long dataSize) {
    if (json[0] != '{') {
      throw SafetensorsException.ofFile(
          file,
          String.format(Locale.ROOT, "a header that starts with byte 0x%02x", json[0]),
          "'{' (0x7b)");
    }
    // Strict: malformed UTF-8 is an error of the file, not a replacement character in a name.
    Reader text =
        new InputStreamReader(
            new ByteArrayInputStream(json),
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser parser = factory(json.length).createParser(text)) {
      SafetensorsHeader header = new Parse(file, parser, dataSize).header();
      checkPlaces(file, header.tensors, dataSize);
      return header;
    } catch (IOException e) {
      throw new SafetensorsException(
          file + ": found a header that is not valid (" + oneLine(e) + "), expected UTF-8 JSON", e);
    }
  }

  private static JsonFactory factory(int headerLength) {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        // Names come from a distrusted file: no interning, no shared table that they could fill.
        .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(4)
                .maxNumberLength(20)
                .maxStringLength(headerLength)
                .maxNameLength(headerLength)
                .build())
        .build();
  }

  /** Tensors must lie one after the other and fill the data section. */
  private static void checkPlaces(Path file, List<TensorEntry> ordered, long dataSize) {
    TensorEntry previous = null;
    long position = 0;
    for (TensorEntry entry : ordered) {
      if (entry.begin() != position) {
        String after =
            previous == null
                ? "the start of the data"
                : "the end of " + SafetensorsException.quote(previous.name());
        throw SafetensorsException.ofTensor(
            file,
            entry.name(),
            "first byte "
                + entry.begin()
                + (entry.begin() < position ? " (an overlap)" : " (a hole before it)"),
            position + ", " + after);
      }
      position = entry.end();
      previous = entry;
    }
    if (position != dataSize) {
      throw SafetensorsException.ofFile(
          file,
          dataSize + " bytes after the header",
          position + ", the end of the last tensor (trailing bytes)");
    }
  }

  private static String oneLine(IOException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return SafetensorsException.cut(message.lines().findFirst().orElse("").trim());
  }

  /** One pass over the tokens of a header. */
  private record Parse(Path file, JsonParser parser, long dataSize) {

    SafetensorsHeader header() throws IOException {
      Map<String, String> metadata = Map.of();
      List<TensorEntry> tensors = new ArrayList<>();
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(METADATA)) {
          metadata = metadata();
        } else {
          tensors.add(tensor(name));
        }
      }
      if (parser.nextToken() != null) {
        throw SafetensorsException.ofFile(
            file, "more JSON after the header's object", "spaces only");
      }
      tensors.sort(
          Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
      return new SafetensorsHeader(
          Collections.unmodifiableMap(metadata), Collections.unmodifiableList(tensors));
    }

    private Map<String, String> metadata() throws IOException {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw SafetensorsException.ofFile(
            file, METADATA + " that is " + token(), "an object of strings");
      }
      Map<String, String> metadata = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw SafetensorsException.ofFile(
              file,
              METADATA + " " + SafetensorsException.quote(key) + " that is " + token(),
              "a string");
        }
        metadata.put(key, parser.getText());
      }
      return metadata;
    }

    private TensorEntry tensor(String name) throws IOException {
      expect(name, "its description", JsonToken.START_OBJECT, "an object");
      SafetensorsType type = null;
      long[] shape = null;
      long[] offsets = null;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        switch (field) {
          case "dtype" -> type = type(name);
          case "shape" -> shape = integers(name, "shape");
          case "data_offsets" -> offsets = integers(name, "data_offsets");
          default ->
              throw fault(
                  name,
                  "the field " + SafetensorsException.quote(field),
                  "dtype, shape and data_offsets only");
        }
      }
      if (type == null || shape == null || offsets == null) {
        String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
        throw fault(name, "no " + missing, "dtype, shape and data_offsets");
      }
      return entry(name, type, shape, offsets);
    }

    private TensorEntry entry(String name, SafetensorsType type, long[] shape, long[] offsets) {
      if (offsets.length != 2) {
        throw fault(name, offsets.length + " data_offsets", "2, begin and end");
      }
      if (offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > dataSize) {
        throw fault(
            name,
            "data_offsets " + Arrays.toString(offsets),
            "0 <= begin <= end <= " + dataSize + ", the bytes after the header");
      }
      long size;
      try {
        size = TensorEntry.byteSize(type, shape);
      } catch (IllegalArgumentException e) {
        throw fault(name, e.getMessage(), "dimensions of 0 or more that fit the file");
      }
      if (offsets[1] - offsets[0] != size) {
        throw fault(
            name,
            "data_offsets of " + (offsets[1] - offsets[0]) + " bytes",
            size + " for " + type + Arrays.toString(shape));
      }
      return new TensorEntry(name, type, shape, offsets[0]);
    }

    private SafetensorsType type(String name) throws IOException {
      expect(name, "dtype", JsonToken.VALUE_STRING, "a string");
      String text = parser.getText();
      return SafetensorsType.parse(text)
          .orElseThrow(
              () ->
                  fault(
                      name,
                      "dtype " + SafetensorsException.quote(text),
                      "one of " + Arrays.toString(SafetensorsType.values())));
    }

    private long[] integers(String name, String field) throws IOException {
      expect(name, field, JsonToken.START_ARRAY, "an array of integers");
      List<Long> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(name, field + " element", JsonToken.VALUE_NUMBER_INT, "an integer");
        if (values.size() == SafetensorsFile.MAX_DIMENSIONS) {
          throw fault(
              name,
              field + " of more than " + SafetensorsFile.MAX_DIMENSIONS + " numbers",
              "at most " + SafetensorsFile.MAX_DIMENSIONS);
        }
        values.add(parser.getLongValue());
      }
      return values.stream().mapToLong(Long::longValue).toArray();
    }

    private void expect(String name, String what, JsonToken wanted, String expected) {
      if (parser.currentToken() != wanted) {
        throw fault(name, what + " that is " + token(), expected);
      }
    }

    private String token() {
      return parser.currentToken() == null ? "missing" : parser.currentToken().name();
    }

    private SafetensorsException fault(String name, String found, String expected) {
      return SafetensorsException.ofTensor(file, name, found, expected);
    }
  }
}
