// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.optimizer;

import java.util.List;
import org.mneme.compute.Tensor;
import org.mneme.compute.kernels.AdamWSettings;
import org.mneme.model.parameters.ParameterGroup;
import org.mneme.model.parameters.ParameterTable;

/**
 * A group of parameters that has a learning rate, and what its launches need.
 *
 * @param kind which group
 * @param range where it lies
 * @param settings how it moves
 * @param constants of AdamW
 * @param schedule learning rate and bias corrections of the step [3] F32
 * @param scope by which norm its gradient is clipped
 * @param rows of learned values of which only those that were read move; empty if all do
 */
record MovedGroup(
    ParameterGroup kind,
    ParameterTable.Range range,
    GroupSettings settings,
    AdamWSettings constants,
    Tensor schedule,
    ClipScope scope,
    List<ReadRows> rows) {}
