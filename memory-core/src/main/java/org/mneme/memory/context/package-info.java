// SPDX-License-Identifier: Apache-2.0
/** Entries that belong to a context, the last few tokens, and hold the tokens that followed it. */
package org.mneme.memory.context;
