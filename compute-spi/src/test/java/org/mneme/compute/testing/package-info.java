// SPDX-License-Identifier: Apache-2.0
/** What tests of every module begin with, and devices that fail on purpose. */
package org.mneme.compute.testing;
