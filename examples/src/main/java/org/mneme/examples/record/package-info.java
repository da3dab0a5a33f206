// SPDX-License-Identifier: Apache-2.0
/** Commands that write the record of a run, and compare many. */
package org.mneme.examples.record;
