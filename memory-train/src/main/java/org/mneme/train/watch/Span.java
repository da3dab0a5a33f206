// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.watch;

/**
 * Something that took time.
 *
 * @param name what it was
 * @param start seconds from the beginning of the profile
 * @param seconds how long it took
 */
public record Span(String name, double start, double seconds) {}
