// SPDX-License-Identifier: Apache-2.0
/** Where the time of training steps goes: profiles, and traces that a browser shows. */
package org.mneme.train.watch;
