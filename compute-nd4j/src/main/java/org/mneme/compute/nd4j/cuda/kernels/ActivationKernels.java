// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.kernels;

import org.mneme.compute.Tensor;
import org.mneme.compute.nd4j.cuda.launch.CudaRuntime;
import org.mneme.compute.nd4j.cuda.launch.Grids;
import org.mneme.compute.nd4j.cuda.launch.Launch;
import org.mneme.compute.nd4j.cuda.launch.Packs;

/** Element-wise sums and products with silu(g) = g·σ(g). */
final class ActivationKernels {
  private static final String PROGRAM = "activations";
  private static final int THREADS = 256;

  /** Elements of a block: with BF16, one wide load of a thread. */
  private static final int ELEMENTS = 8 * THREADS;

  private final CudaRuntime cuda;

  ActivationKernels(CudaRuntime cuda) {
    this.cuda = cuda;
  }

  void add(Tensor a, Tensor b, Tensor out) {
    if (out.elementCount() > 0) {
      byElement("add", out).tensor(a).tensor(b).tensor(out).i64(out.elementCount()).run();
    }
  }

  void siluGate(Tensor gate, Tensor value, Tensor out) {
    if (out.elementCount() > 0) {
      byElement("silu_gate", out)
          .tensor(gate)
          .tensor(value)
          .tensor(out)
          .i64(out.elementCount())
          .run();
    }
  }

  void siluGateBackward(Tensor dOut, Tensor gate, Tensor value, Tensor dGate, Tensor dValue) {
    if (dOut.elementCount() > 0) {
      byElement("silu_gate_backward", dOut)
          .tensor(dOut)
          .tensor(gate)
          .tensor(value)
          .tensor(dGate)
          .tensor(dValue)
          .i64(dOut.elementCount())
          .run();
    }
  }

  private Launch byElement(String kernel, Tensor like) {
    return cuda.kernel(PROGRAM, kernel, like.dtype())
        .grid(Grids.groups(like.elementCount(), ELEMENTS))
        .block(THREADS);
  }

  void swiGlu(Tensor gateUp, Tensor out) {
    if (out.elementCount() > 0) {
      byRow("swi_glu", out).tensor(gateUp).tensor(out).i32(half(out)).run();
    }
  }

  void swiGluBackward(Tensor dOut, Tensor gateUp, Tensor dGateUp) {
    if (dOut.elementCount() > 0) {
      byRow("swi_glu_backward", dOut)
          .tensor(dOut)
          .tensor(gateUp)
          .tensor(dGateUp)
          .i32(half(dOut))
          .run();
    }
  }

  private static int half(Tensor out) {
    return Grids.extent(out.shape().columns());
  }

  private Launch byRow(String kernel, Tensor out) {
    long packs = Grids.groups(half(out), Packs.of(out));
    return cuda.kernel(PROGRAM, kernel, out.dtype())
        .grid(out.shape().rows())
        .block(Grids.threads(packs, THREADS));
  }
}
