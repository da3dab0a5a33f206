// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import org.mneme.train.data.DataPosition;

/**
 * What was done to a model until it was saved.
 *
 * @param steps optimiser steps done
 * @param plannedSteps optimiser steps of the whole training
 * @param tokens positions trained, padding included
 * @param seed of the training
 * @param position of the next sequence of the data
 * @param validationLoss of the last validation; null if there was none
 * @param versions of what trained it, by name
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainerState(
    long steps,
    long plannedSteps,
    long tokens,
    long seed,
    DataPosition position,
    Double validationLoss,
    Map<String, String> versions) {}
