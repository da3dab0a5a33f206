// SPDX-License-Identifier: Apache-2.0
/** What a training leaves behind: a model that evaluation can load, and how it came to be. */
package org.mneme.train.checkpoint;
