// SPDX-License-Identifier: Apache-2.0
/** Programs that use Mneme as a library, without its command line. */
package org.mneme.examples.embedding;
