// SPDX-License-Identifier: Apache-2.0
package org.mneme.memory.state;

/** Something that changes while a model is trained, and that a resumed training needs as it was. */
public interface Stateful {
  /** Shows every part of the state that a later {@link #restore} needs. */
  void forEachState(StateVisitor visitor);

  /**
   * Replaces the state by one that {@link #forEachState} showed.
   *
   * @throws org.mneme.compute.UserException if a part is missing or has another shape
   */
  void restore(StateSource source);
}
