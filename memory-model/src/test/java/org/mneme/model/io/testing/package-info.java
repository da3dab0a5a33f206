// SPDX-License-Identifier: Apache-2.0
/** A file system for tests that fails on demand and forgets what was not forced to the disk. */
package org.mneme.model.io.testing;
