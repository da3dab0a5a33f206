// SPDX-License-Identifier: Apache-2.0
/**
 * Byte-level BPE: {@link org.mneme.train.tokenizer.BpeTrainer} learns a vocabulary from text and
 * writes it as a Hugging Face {@code tokenizer.json}; {@link org.mneme.train.tokenizer.Tokenizer}
 * encodes and decodes with it, or with any other {@code tokenizer.json}.
 */
package org.mneme.train.tokenizer;
