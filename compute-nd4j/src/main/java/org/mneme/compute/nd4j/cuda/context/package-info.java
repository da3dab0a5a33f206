// SPDX-License-Identifier: Apache-2.0
/** Memory entries addressed by the tokens before a position, on a GPU. */
package org.mneme.compute.nd4j.cuda.context;
