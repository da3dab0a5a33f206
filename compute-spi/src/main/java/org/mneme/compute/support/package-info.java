// SPDX-License-Identifier: Apache-2.0
/**
 * For authors of providers: a device base class that checks arguments and measures time, and
 * helpers for memory accounting and leak hunting.
 */
package org.mneme.compute.support;
