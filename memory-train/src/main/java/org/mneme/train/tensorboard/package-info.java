// SPDX-License-Identifier: Apache-2.0
/** What a training tells, as event files that TensorBoard opens. */
package org.mneme.train.tensorboard;
