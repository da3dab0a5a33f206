// SPDX-License-Identifier: Apache-2.0

/** The implementations of {@link org.mneme.compute.nd4j.host.Vectors}. */
package org.mneme.compute.nd4j.vector;
