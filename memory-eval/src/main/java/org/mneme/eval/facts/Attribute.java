// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.facts;

import java.util.List;

/**
 * Something that is told of a person.
 *
 * @param id its name on disk
 * @param values what it can be
 * @param train sentences that biographies use
 * @param heldOut sentences that they do not use
 */
record Attribute(String id, Values values, List<Template> train, List<Template> heldOut) {
  /** Copies the lists. */
  Attribute {
    train = List.copyOf(train);
    heldOut = List.copyOf(heldOut);
  }

  List<Template> templates(Phrasing phrasing) {
    return phrasing == Phrasing.TRAIN ? train : heldOut;
  }

  /** The information in one value, in bits. */
  double bits() {
    return Math.log(values.count()) / Math.log(2);
  }
}
