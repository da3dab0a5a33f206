// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.DType;
import org.mneme.compute.Device;
import org.mneme.compute.MemoryTag;
import org.mneme.compute.Shape;
import org.mneme.compute.Tensor;

/**
 * One call of an operation on guarded arguments.
 *
 * <p>Every argument is a row-range view with guard rows before and behind it. Guards and outputs
 * are poisoned (NaN, or a number that is no index), so that a result that is not written, or one
 * that depends on what lies outside, shows. {@link #run} runs the operation twice from the same
 * state and checks that the bits agree, that guards and inputs are untouched and that the second
 * run needs no more memory.
 */
final class Trial implements AutoCloseable {
  /** Prints the errors found, by which the bounds of {@link Tolerance} are chosen. */
  private static final boolean PRINTED = Boolean.getBoolean("mneme.conformance.print");

  private static final int BEFORE = 2;
  private static final int BEHIND = 3;
  private static final double NO_INDEX = 0x7f7f7f7f;

  private final Device device;
  private final String name;
  private final List<Argument> arguments = new ArrayList<>();

  Trial(Device device, String name) {
    this.device = device;
    this.name = name;
  }

  /** An argument that the operation must not change. */
  Tensor input(String argument, DType dtype, double[] values, long... extents) {
    return argument(argument, dtype, values, false, extents);
  }

  /** An I32 argument that the operation must not change. */
  Tensor input(String argument, int[] values, long... extents) {
    return argument(argument, DType.I32, Numbers.doubles(values), false, extents);
  }

  /** An argument that the operation updates. */
  Tensor inOut(String argument, DType dtype, double[] values, long... extents) {
    return argument(argument, dtype, values, true, extents);
  }

  /** An argument that the operation must write in full. */
  Tensor output(String argument, DType dtype, long... extents) {
    int count = Math.toIntExact(Shape.of(extents).elementCount());
    return argument(argument, dtype, Numbers.filled(count, poison(dtype)), true, extents);
  }

  private static double poison(DType dtype) {
    return dtype.isFloating() ? Double.NaN : NO_INDEX;
  }

  private Tensor argument(
      String argument, DType dtype, double[] values, boolean written, long... extents) {
    Shape shape = Shape.of(extents);
    if (shape.elementCount() != values.length) {
      throw new IllegalArgumentException(argument + " " + shape + " for " + values.length);
    }
    Shape guarded = shape.withFirst(BEFORE + extents[0] + BEHIND);
    int width = Math.toIntExact(extents[0] == 0 ? 1 : shape.elementCount() / extents[0]);
    double[] content = new double[Math.toIntExact(guarded.elementCount())];
    Arrays.fill(content, poison(dtype));
    System.arraycopy(values, 0, content, BEFORE * width, values.length);
    Tensor owner = device.allocate(MemoryTag.ACTIVATIONS, dtype, guarded);
    Tensor view = owner.rows(BEFORE, BEFORE + extents[0]);
    Argument added = new Argument(argument, owner, view, bytes(dtype, content), written);
    arguments.add(added);
    added.reset();
    return view;
  }

  private static byte[] bytes(DType dtype, double[] values) {
    return Bits.encode(dtype, values).array();
  }

  /** Runs the operation twice, captures and replays it; see the class. */
  Trial run(Runnable operation) {
    List<byte[]> first = runTwice(operation);
    arguments.forEach(Argument::reset);
    try (CapturedGraph graph = device.capture(operation)) {
      expectSame(first, "run while it is captured");
      arguments.forEach(Argument::reset);
      graph.replay();
      expectSame(first, "replayed");
    }
    return this;
  }

  /** Runs an operation that waits for the device, and so cannot be captured, twice. */
  List<byte[]> runTwice(Runnable operation) {
    operation.run();
    List<byte[]> first = snapshot();
    for (int i = 0; i < arguments.size(); i++) {
      arguments.get(i).checkUntouched(name, first.get(i));
    }
    long memory = device.memoryReport().currentTotal();
    arguments.forEach(Argument::reset);
    operation.run();
    assertThat(device.memoryReport().currentTotal())
        .as("%s: bytes in use after a second run", name)
        .isEqualTo(memory);
    expectSame(first, "run again");
    return first;
  }

  private void expectSame(List<byte[]> first, String how) {
    for (int i = 0; i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      if (!Arrays.equals(first.get(i), argument.content())) {
        fail("%s: '%s' differs when %s", name, argument.name, how);
      }
    }
  }

  private List<byte[]> snapshot() {
    List<byte[]> contents = new ArrayList<>();
    arguments.forEach(argument -> contents.add(argument.content()));
    return contents;
  }

  /** The values of an argument after the run. */
  double[] result(Tensor view) {
    byte[] content = new byte[Math.toIntExact(view.byteCount())];
    device.transfer().read(view, ByteBuffer.wrap(content));
    return Bits.decode(view.dtype(), content);
  }

  /** The values of an I32 argument after the run. */
  int[] indices(Tensor view) {
    return Numbers.ints(result(view));
  }

  /** Compares an argument with its reference. */
  Trial expect(Tensor view, double[] reference, Tolerance tolerance) {
    String argument =
        arguments.stream().filter(a -> a.view == view).map(a -> a.name).findAny().orElseThrow();
    double[] found = result(view);
    if (PRINTED && tolerance.absolute() > 0) {
      System.out.printf(
          Locale.ROOT,
          "error of %s %s%s: %.3g%n",
          operation(),
          argument,
          inHalfPrecision() ? " in half precision" : "",
          Tolerance.error(found, reference));
    }
    Tolerance allowed = inHalfPrecision() ? tolerance : tolerance.of(operation());
    allowed.check(name + " '" + argument + "'", found, reference);
    return this;
  }

  /** The name without sizes. */
  private String operation() {
    return name.replaceFirst("(\\[| of | to ).*", "");
  }

  private boolean inHalfPrecision() {
    return arguments.stream().anyMatch(argument -> argument.view.dtype() == DType.BF16);
  }

  /** Compares an I32 argument with its reference. */
  Trial expect(Tensor view, int[] reference) {
    return expect(view, Numbers.doubles(reference), Tolerance.EXACT);
  }

  @Override
  public void close() {
    arguments.forEach(argument -> argument.owner.close());
  }

  /** An argument between its guards. */
  private final class Argument {
    private final String name;
    private final Tensor owner;
    private final Tensor view;
    private final byte[] before;
    private final boolean written;

    Argument(String name, Tensor owner, Tensor view, byte[] before, boolean written) {
      this.name = name;
      this.owner = owner;
      this.view = view;
      this.before = before;
      this.written = written;
    }

    void reset() {
      device.transfer().write(ByteBuffer.wrap(before), owner);
    }

    byte[] content() {
      byte[] content = new byte[before.length];
      device.transfer().read(owner, ByteBuffer.wrap(content));
      return content;
    }

    void checkUntouched(String operation, byte[] after) {
      int row = Math.toIntExact(owner.byteCount() / owner.shape().extent(0));
      int from = BEFORE * row;
      int to = before.length - BEHIND * row;
      boolean guards =
          Arrays.equals(before, 0, from, after, 0, from)
              && Arrays.equals(before, to, before.length, after, to, after.length);
      assertThat(guards).as("%s: rows around '%s' are untouched", operation, name).isTrue();
      if (!written) {
        assertThat(Arrays.equals(before, after))
            .as("%s: the input '%s' is unchanged", operation, name)
            .isTrue();
      }
    }
  }
}
