// SPDX-License-Identifier: Apache-2.0
/** What a training leaves behind: models that evaluation can load, and all it needs to go on. */
package org.mneme.train.checkpoint;
