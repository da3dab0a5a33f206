// SPDX-License-Identifier: Apache-2.0
/**
 * Reading and writing of the safetensors format (<a
 * href="https://github.com/huggingface/safetensors#format">its definition</a>), independent of any
 * device.
 *
 * <p>A file is an 8-byte little-endian header length, a JSON header that names every tensor with
 * its type, shape and place, and the raw little-endian bytes of the tensors, without gaps. Nothing
 * in a file is believed before it is checked against the file's own size.
 */
package org.mneme.model.safetensors;
