// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.support;

import org.mneme.compute.Tensor;

/** Says which values of an operation are addresses, and of what. */
final class IndexChecks {
  private static final int NO_OTHER = IndexGuard.NO_OTHER;

  private final IndexGuard guard;

  IndexChecks(IndexGuard guard) {
    this.guard = guard;
  }

  /** Indices of rows of a table. */
  void rows(String operation, Tensor indices, Tensor table) {
    rows(operation, "indices", indices, table.shape().rows());
  }

  /** Indices below a bound. */
  void rows(String operation, String argument, Tensor indices, long bound) {
    if (indices.elementCount() > 0) {
      guard.values(operation, argument, indices, last(operation, argument, bound), NO_OTHER);
    }
  }

  /** Indices below a bound, or −1 for a selection that is no read. */
  void selections(String operation, Tensor indices, long bound) {
    if (indices.elementCount() > 0) {
      guard.values(operation, "indices", indices, last(operation, "indices", bound), -1);
    }
  }

  /** The greatest value below a bound; more than 2³¹ rows cannot be told apart by 32 bits. */
  private static int last(String operation, String argument, long bound) {
    if (bound == 0) {
      throw new IllegalArgumentException(
          operation + ": argument '" + argument + "' selects rows of a table that has none");
    }
    return (int) Math.min(Integer.MAX_VALUE, bound - 1);
  }

  /** Indices of entries of a bank, and the tokens of these entries. */
  void tokens(String operation, Tensor indices, Tensor bank, Tensor embeddings) {
    rows(operation, indices, bank);
    if (indices.elementCount() > 0 && bank.shape().columns() > 0) {
      int last = last(operation, "bank", embeddings.shape().rows());
      guard.rows(operation, "bank", bank, indices, last);
    }
  }

  /** Classes of rows, or a mask. */
  void targets(String operation, Tensor targets, long classes, int masked) {
    if (targets.elementCount() > 0) {
      guard.values(operation, "targets", targets, last(operation, "targets", classes), masked);
    }
  }

  /** A list of rows of a table, as long as its count says. */
  void list(String operation, Tensor list, Tensor count, long tableRows) {
    if (list.elementCount() > 0) {
      guard.values(operation, "rowCount", count, clamped(list.elementCount()), NO_OTHER);
      guard.part(operation, "rows", list, null, count, last(operation, "rows", tableRows));
    }
  }

  private static int clamped(long value) {
    return (int) Math.min(Integer.MAX_VALUE, value);
  }

  /** Some groups of selections. */
  void groups(String operation, Tensor order, Tensor starts, long first, long groups) {
    if (groups > 0) {
      Tensor borders = starts.rows(first, first + groups + 1);
      guard.ascending(operation, "starts", borders, clamped(order.elementCount()));
      guard.part(
          operation,
          "order",
          order,
          borders.rows(0, 1),
          borders.rows(groups, groups + 1),
          clamped(order.elementCount() - 1));
    }
  }
}
