// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.kernels;

import org.mneme.compute.Tensor;

/**
 * A memory of token ids that is addressed by text: an entry belongs to the last few tokens before a
 * position (its <em>context</em>) and holds the tokens that followed them. B sequences of T, N =
 * B·T positions, S contexts of a position, M entries of K tokens.
 *
 * <p>A context of length n at position p is the tokens p, p−1, …, p−n+1 of its sequence; one that
 * lies before the sequence counts as −1. Its hash is h₀ = mix(n), hⱼ₊₁ = mix(hⱼ + φ·(token_{p−j} +
 * 2)) for j = 0 … n−1, with φ = 0x9E3779B97F4A7C15 and mix(x) the finaliser of SplitMix64 (Steele,
 * Lea and Flood 2014) of x + φ, in unsigned 64 bits. The context's entry is (hₙ ≫ 1) mod M, its
 * <em>tag</em> the low 32 bits of mix(hₙ): it tells contexts that share an entry apart.
 */
public interface ContextKernels {
  /**
   * Entry and tag of every context.
   *
   * @param ids [B, T] I32
   * @param lengths tokens of each context, at least 1 [S] I32
   * @param entries M
   * @param indices entries [N, S] I32
   * @param tags [N, S] I32
   */
  void contextAddresses(Tensor ids, Tensor lengths, long entries, Tensor indices, Tensor tags);

  /**
   * Reads the entries of contexts, and whether they are theirs: kinds[n, s] is the votes of the
   * entry if it has any, its owner is tags[n, s] and its tokens were not taken from position n
   * itself, else 0. They were if origins[indices[n, s]] = sources[n] ≠ 0.
   *
   * @param bank [M, K] I32
   * @param owners tag of the context to which each entry belongs [M] I32
   * @param votes of each entry, 0 where it is empty [M] I32
   * @param origins the source from which each entry's tokens were taken, 0 where that is not known
   *     [M] I32; may be null
   * @param indices as {@link #contextAddresses} writes them [N, S] I32, each in 0 … M−1
   * @param tags likewise [N, S] I32
   * @param sources a number for each position, the same whenever the same place of a text is read,
   *     0 where that is not known [N] I32; null exactly if origins is
   * @param tokens bank[indices[n, s]], also of other contexts [N, S·K] I32
   * @param kinds [N, S] I32
   */
  void lookUpContexts(
      Tensor bank,
      Tensor owners,
      Tensor votes,
      Tensor origins,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      Tensor tokens,
      Tensor kinds);

  /**
   * Weights of the tokens read: w[n, s, k] = σ(logits[n, s, k] + bias[s, k, c − 1]) for c =
   * min(kinds[n, s], C), and 0 where that is 0.
   *
   * @param logits [N, S·K], floating
   * @param kinds [N, S] I32, at least 0
   * @param bias [S·K, C] F32
   * @param weights [N, S·K] F32
   * @param slotWeights Σ_k w[n, s, k] [N, S] F32
   */
  void placeWeights(Tensor logits, Tensor kinds, Tensor bias, Tensor weights, Tensor slotWeights);

  /**
   * The gradient of {@link #placeWeights}: dLogits = dLogWeights·(1 − w).
   *
   * @param dLogWeights w·∂L/∂w [N, S·K] F32; see {@link MemoryKernels}
   * @param kinds as in the forward
   * @param weights as written by the forward
   * @param dLogits [N, S·K], floating, overwritten
   * @param dBias [S·K, C] F32, added to; may be null
   */
  void placeWeightsBackward(
      Tensor dLogWeights, Tensor kinds, Tensor weights, Tensor dLogits, Tensor dBias);

  /**
   * Lets entries take what followed their contexts, by a vote (after Boyer and Moore 1981). A
   * context is a candidate if K tokens follow it in its sequence, none of them excluded, and its
   * entry is not frozen. Of the candidates of one entry the last (highest n·S + s) counts: if it is
   * the owner's and its first token is that of the entry, the entry gains a vote and takes the K
   * tokens; otherwise it loses one, and if none is left the candidate becomes the owner, with one
   * vote and its K tokens. A candidate from whose position the owner's tokens were taken before
   * (see {@link #lookUpContexts}) changes nothing: it has voted. With tokens an entry takes their
   * source for its origin.
   *
   * @param ids [B, T] I32
   * @param indices of these ids, as {@link #contextAddresses} writes them [N, S] I32
   * @param tags likewise [N, S] I32
   * @param sources of the positions, as in {@link #lookUpContexts} [N] I32; null exactly if origins
   *     is
   * @param firstRow entries below it are frozen
   * @param mostVotes that an entry can have, at least 1
   * @param excludedToken a token that no entry takes, such as padding; −1 for none
   * @param latest workspace, −1 everywhere before and after [M] I32
   * @param bank [M, K] I32, updated
   * @param owners [M] I32, updated
   * @param votes [M] I32, updated
   * @param origins [M] I32, updated; may be null
   */
  void rememberContexts(
      Tensor ids,
      Tensor indices,
      Tensor tags,
      Tensor sources,
      int firstRow,
      int mostVotes,
      int excludedToken,
      Tensor latest,
      Tensor bank,
      Tensor owners,
      Tensor votes,
      Tensor origins);
}
