// SPDX-License-Identifier: Apache-2.0
/**
 * What is done before a run: checks of device, memory, files and disk, all problems told at once,
 * and the information about the run that is written into its folder.
 */
package org.mneme.train.preflight;
