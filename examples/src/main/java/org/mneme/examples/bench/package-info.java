// SPDX-License-Identifier: Apache-2.0
/** Speed of whole training steps, beside a reference. */
package org.mneme.examples.bench;
