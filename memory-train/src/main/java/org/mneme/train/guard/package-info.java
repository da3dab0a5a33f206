// SPDX-License-Identifier: Apache-2.0
/** Who watches over a training: spikes that a step shall not follow, and alarms. */
package org.mneme.train.guard;
