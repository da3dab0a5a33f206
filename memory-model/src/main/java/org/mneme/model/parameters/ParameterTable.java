// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.parameters;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mneme.compute.Shape;

/**
 * The parameters of a model and where each lies in the flat arenas. Groups follow each other in the
 * order of {@link ParameterGroup}; packs begin at multiples of {@value #ALIGNMENT} elements.
 */
public final class ParameterTable {
  /** Elements to whose multiples packs are aligned: 256 bytes of F32. */
  public static final int ALIGNMENT = 64;

  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<String, Slot> packs = new LinkedHashMap<>();
  private final Map<ParameterGroup, Range> groups = new EnumMap<>(ParameterGroup.class);
  private long elementCount;

  /**
   * Lays out the given parameters.
   *
   * @throws IllegalArgumentException if two have one name, or a pack's members do not follow each
   *     other or differ in their columns
   */
  public ParameterTable(List<ParameterSpec> specs) {
    List<ParameterSpec> ordered = new ArrayList<>(specs);
    ordered.sort(Comparator.comparing(ParameterSpec::group));
    for (ParameterGroup group : ParameterGroup.values()) {
      long from = elementCount;
      ordered.stream().filter(spec -> spec.group() == group).forEach(this::place);
      elementCount = aligned(elementCount);
      groups.put(group, new Range(from, elementCount));
    }
  }

  private void place(ParameterSpec spec) {
    Slot pack = packs.get(spec.pack());
    long offset = pack == null ? aligned(elementCount) : elementCount;
    Slot slot = new Slot(spec, spec.shape(), offset);
    if (slots.putIfAbsent(spec.name(), slot) != null) {
      throw new IllegalArgumentException("two parameters are named '" + spec.name() + "'");
    }
    packs.put(spec.pack(), pack == null ? slot : pack.extendedBy(slot));
    elementCount = offset + spec.shape().elementCount();
  }

  private static long aligned(long offset) {
    return Math.floorDiv(offset + ALIGNMENT - 1, (long) ALIGNMENT) * ALIGNMENT;
  }

  /** The parameters in the order in which they lie. */
  public List<ParameterSpec> specs() {
    List<ParameterSpec> specs = new ArrayList<>();
    slots.values().forEach(slot -> specs.add(slot.spec()));
    return List.copyOf(specs);
  }

  /** Elements of an arena, gaps included. */
  public long elementCount() {
    return elementCount;
  }

  /** The number of parameters' elements, gaps not included. */
  public long parameterCount() {
    return slots.values().stream().mapToLong(slot -> slot.shape().elementCount()).sum();
  }

  /** Where a group lies. */
  public Range range(ParameterGroup group) {
    return groups.get(group);
  }

  /** Where the parameter of this name lies. */
  Slot slot(String name) {
    return require(slots, name, "parameter");
  }

  /** Where the pack of this name lies. */
  Slot pack(String name) {
    return require(packs, name, "pack");
  }

  private static Slot require(Map<String, Slot> from, String name, String kind) {
    Slot slot = from.get(name);
    if (slot == null) {
      throw new IllegalArgumentException(
          "no " + kind + " '" + name + "'; there are " + from.keySet());
    }
    return slot;
  }

  /**
   * Elements of an arena.
   *
   * @param from first
   * @param to behind the last
   */
  public record Range(long from, long to) {
    /** Whether it holds no element. */
    public boolean isEmpty() {
      return from == to;
    }

    /** This range and the one that begins where it ends. */
    public Range joined(Range next) {
      if (next.from != to) {
        throw new IllegalArgumentException(this + " ends where " + next + " does not begin");
      }
      return new Range(from, next.to);
    }
  }

  record Slot(ParameterSpec spec, Shape shape, long offset) {
    long end() {
      return offset + shape.elementCount();
    }

    Slot extendedBy(Slot next) {
      if (next.offset != end() || next.shape.columns() != shape.columns()) {
        throw new IllegalArgumentException(
            "'"
                + next.spec.name()
                + "' "
                + next.shape
                + " cannot follow "
                + shape
                + " in pack '"
                + spec.pack()
                + "'");
      }
      return new Slot(spec, shape.withFirst(shape.extent(0) + next.shape.extent(0)), offset);
    }
  }
}
