// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.metrics;

/**
 * Something in a training is dead. It is told when it begins, and again only after it was well
 * meanwhile.
 *
 * @param step after which it was found
 * @param alarm what is dead
 * @param subject the tensor
 * @param value what was found: the norm of a gradient, or a share
 * @param limit that was passed
 * @param message for people
 */
public record AlarmReport(
    long step, AlarmKind alarm, String subject, double value, double limit, String message) {}
