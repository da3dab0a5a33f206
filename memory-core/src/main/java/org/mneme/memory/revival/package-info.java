// SPDX-License-Identifier: Apache-2.0
/** New contents for entries that nothing selects any more. */
package org.mneme.memory.revival;
