// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda.storage;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_RELAXED;
import static org.bytedeco.cuda.global.cudart.cuGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cuGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cuGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cuGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cuStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamEndCapture;
import static org.mneme.compute.nd4j.cuda.driver.CudaCalls.check;

import java.util.Set;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.mneme.compute.CapturedGraph;
import org.mneme.compute.Closer;
import org.mneme.compute.nd4j.cuda.driver.CudaContext;
import org.mneme.compute.support.ThreadGuard;

/** Work of a stream that was recorded and is launched as one. */
public final class CudaGraph implements CapturedGraph {
  private final ThreadGuard guard;
  private final CudaContext context;
  private final CudaMemory memory;
  private final CUgraphExec_st executable;
  private final Set<CudaGraph> open;
  private boolean closed;

  private CudaGraph(
      ThreadGuard guard,
      CudaContext context,
      CudaMemory memory,
      CUgraphExec_st executable,
      Set<CudaGraph> open) {
    this.guard = guard;
    this.context = context;
    this.memory = memory;
    this.executable = executable;
    this.open = open;
  }

  /**
   * Records {@code work} and runs it once; the device must be at rest.
   *
   * @param guard of the device, which the calling thread has entered
   * @param open the graph is in there until it is closed
   */
  public static CudaGraph record(
      ThreadGuard guard,
      CudaContext context,
      CudaMemory memory,
      Runnable work,
      Set<CudaGraph> open) {
    memory.graphOpened();
    CUgraphExec_st executable = null;
    try {
      executable = instantiate(context, work);
      CudaGraph graph = new CudaGraph(guard, context, memory, executable, open);
      graph.replay();
      open.add(graph);
      return graph;
    } catch (RuntimeException | Error e) {
      if (executable != null) {
        cuGraphExecDestroy(executable);
      }
      memory.graphClosed();
      throw e;
    }
  }

  private static CUgraphExec_st instantiate(CudaContext context, Runnable work) {
    CUgraph_st graph = new CUgraph_st();
    context.makeCurrent();
    // Relaxed, so that memory may be taken and programs may be loaded meanwhile.
    check(
        cuStreamBeginCapture(context.stream(), CU_STREAM_CAPTURE_MODE_RELAXED),
        "cuStreamBeginCapture");
    try {
      int code;
      try {
        work.run();
      } finally {
        context.makeCurrent();
        code = cuStreamEndCapture(context.stream(), graph);
      }
      check(code, "cuStreamEndCapture");
      CUgraphExec_st executable = new CUgraphExec_st();
      check(cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
      return executable;
    } finally {
      if (!graph.isNull()) {
        cuGraphDestroy(graph);
      }
    }
  }

  @Override
  public void replay() {
    if (closed) {
      throw new IllegalStateException("the captured graph is closed");
    }
    guard.enter("replay");
    try {
      context.makeCurrent();
      int code = cuGraphLaunch(executable, context.stream());
      if (code != CUDA_SUCCESS) {
        check(code, "cuGraphLaunch");
      }
    } finally {
      guard.exit();
    }
  }

  /** Waits for replays and lets the graph go. */
  @Override
  public void close() {
    guard.enter("close of a graph");
    try {
      if (!closed) {
        closed = true;
        open.remove(this);
        Closer.closeAll(
            context::synchronize,
            () -> check(cuGraphExecDestroy(executable), "cuGraphExecDestroy"),
            memory::graphClosed);
      }
    } finally {
      guard.exit();
    }
  }
}
