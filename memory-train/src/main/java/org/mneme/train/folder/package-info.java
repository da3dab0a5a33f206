// SPDX-License-Identifier: Apache-2.0
/** The folder of a run: its name, its files, and who may write to it. */
package org.mneme.train.folder;
