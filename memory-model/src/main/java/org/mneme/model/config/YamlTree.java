// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mneme.compute.UserException;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML into a {@link ConfigTree}. Scalars without quotes keep the form in which they were
 * written; aliases and merge keys are resolved; other tags than {@code !!str} are refused.
 */
final class YamlTree {
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
  private static final String TEXT_TAG = "tag:yaml.org,2002:str";
  private static final String MERGE = "<<";

  /** Tokens of the parser that are no characters of the text. */
  private static final Map<String, String> TOKENS =
      Map.of(
          "block mapping start", "keys and values",
          "block sequence start", "a list",
          "block end", "the end of the indented lines",
          "document start", "'---'",
          "document end", "'...'",
          "stream end", "the end of the file",
          "scalar", "text");

  private final ConfigTree tree;
  private final Iterator<Event> events;
  private final Map<String, JsonNode> anchors = new HashMap<>();

  private YamlTree(ConfigTree tree, Iterator<Event> events) {
    this.tree = tree;
    this.events = events;
  }

  /**
   * Returns the tree of a text.
   *
   * @throws UserException if it is not well formed, with the line
   */
  static ConfigTree read(String source, String text) {
    ConfigTree tree = ConfigTree.reading(source);
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE); // the text is bounded as a whole
    try {
      ParserImpl parser = new ParserImpl(new StreamReader(text), options);
      new YamlTree(tree, new Events(parser)).document();
      return tree;
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      String problem = ConfigTree.printable(plain(e.getProblem()));
      throw new UserException(source + ":" + line + ": not well formed: " + problem, e);
    } catch (ReaderException e) {
      String message = String.format(Locale.ROOT, "has the character U+%04X", e.getCodePoint());
      int line =
          1 + (int) text.substring(0, e.getPosition()).chars().filter(c -> c == '\n').count();
      throw new UserException(source + ":" + line + ": not well formed: " + message, e);
    } catch (YAMLException e) {
      throw new UserException(source + ":1: not well formed: " + e.getMessage(), e);
    }
  }

  /** Says in words what the parser calls by the names of its tokens. */
  private static String plain(String problem) {
    for (Map.Entry<String, String> token : TOKENS.entrySet()) {
      problem = problem.replaceAll("'?<" + token.getKey() + ">'?", token.getValue());
    }
    return problem;
  }

  /** The events of a parser; the end of the stream is the last one. */
  private record Events(ParserImpl parser) implements Iterator<Event> {
    @Override
    public boolean hasNext() {
      return parser.peekEvent() != null;
    }

    @Override
    public Event next() {
      return parser.getEvent();
    }
  }

  private void document() {
    events.next(); // the start of the stream
    if (events.next().is(Event.ID.StreamEnd)) {
      return;
    }
    tree.root(node(events.next(), 0));
    events.next(); // the end of the document
    Event end = events.next();
    if (!end.is(Event.ID.StreamEnd)) {
      throw tree.fault(line(end), "holds several documents, expected one");
    }
  }

  private static int line(Event event) {
    return event.getStartMark().getLine() + 1;
  }

  private JsonNode node(Event event, int depth) {
    if (event instanceof AliasEvent alias) {
      return resolved(alias, depth);
    }
    tree.count(line(event), depth);
    JsonNode node =
        event instanceof ScalarEvent scalar
            ? scalar(scalar)
            : event.is(Event.ID.SequenceStart)
                ? list((CollectionStartEvent) event, depth)
                : mapping((CollectionStartEvent) event, depth);
    String anchor = ((NodeEvent) event).getAnchor();
    if (anchor != null) {
      anchors.put(anchor, node);
    }
    return node;
  }

  private JsonNode resolved(AliasEvent alias, int depth) {
    JsonNode anchored = anchors.get(alias.getAnchor());
    if (anchored == null) {
      throw tree.fault(line(alias), "alias *" + alias.getAnchor() + " has no anchor before it");
    }
    return copy(anchored, line(alias), depth);
  }

  /** Counts each value that is copied, so that aliases of aliases cannot exhaust the memory. */
  private JsonNode copy(JsonNode node, int line, int depth) {
    tree.count(line, depth);
    if (node instanceof ArrayNode list) {
      ArrayNode copy = JsonNodeFactory.instance.arrayNode();
      list.forEach(element -> copy.add(copy(element, line, depth + 1)));
      return copy;
    }
    if (node instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(entry -> copy.set(entry.getKey(), copy(entry.getValue(), line, depth + 1)));
      return copy;
    }
    return node;
  }

  private JsonNode scalar(ScalarEvent scalar) {
    requireNoTag(scalar.getTag(), scalar);
    String text = scalar.getValue();
    if (scalar.getScalarStyle() != ScalarStyle.PLAIN || scalar.getTag() != null) {
      return TextNode.valueOf(text);
    }
    return NULLS.contains(text) ? PlainScalar.EMPTY : new PlainScalar(text);
  }

  private void requireNoTag(String tag, Event event) {
    boolean plain = tag == null || tag.equals("!") || tag.equals(TEXT_TAG);
    if (!plain || (tag != null && !(event instanceof ScalarEvent))) {
      String shown = tag.replace("tag:yaml.org,2002:", "!!");
      throw tree.fault(line(event), "tag " + shown + " is not supported; remove it");
    }
  }

  private ArrayNode list(CollectionStartEvent start, int depth) {
    requireNoTag(start.getTag(), start);
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Event next = events.next(); !next.is(Event.ID.SequenceEnd); next = events.next()) {
      tree.element(list, line(next));
      list.add(node(next, depth + 1));
    }
    return list;
  }

  private ObjectNode mapping(CollectionStartEvent start, int depth) {
    requireNoTag(start.getTag(), start);
    ObjectNode own = JsonNodeFactory.instance.objectNode();
    ObjectNode merged = JsonNodeFactory.instance.objectNode();
    for (Event next = events.next(); !next.is(Event.ID.MappingEnd); next = events.next()) {
      String key = key(next);
      if (key.equals(MERGE) && ((ScalarEvent) next).isPlain()) {
        merge(merged, node(events.next(), depth + 1), line(next));
      } else {
        tree.key(own, key, line(next));
        own.set(key, node(events.next(), depth + 1));
      }
    }
    merged.properties().removeIf(entry -> own.has(entry.getKey()));
    own.setAll(merged);
    return own;
  }

  private String key(Event event) {
    if (!(event instanceof ScalarEvent scalar) || scalar.getValue().isEmpty()) {
      throw tree.fault(line(event), "found a key that is not a word, expected a name");
    }
    requireNoTag(scalar.getTag(), scalar);
    return scalar.getValue();
  }

  /** Of several mappings, the first one that has a key gives its value. */
  private void merge(ObjectNode merged, JsonNode value, int line) {
    Iterable<JsonNode> parts = value.isArray() ? value : List.of(value);
    for (JsonNode part : parts) {
      if (!(part instanceof ObjectNode object)) {
        throw tree.fault(line, "'<<' merges keys and values, or a list of such");
      }
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        merged.putIfAbsent(entry.getKey(), entry.getValue());
      }
    }
  }
}
