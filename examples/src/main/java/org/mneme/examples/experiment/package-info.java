// SPDX-License-Identifier: Apache-2.0
/** From a configuration and text to a trained, evaluated model and its report. */
package org.mneme.examples.experiment;
