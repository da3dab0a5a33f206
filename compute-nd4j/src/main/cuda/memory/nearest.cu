// SPDX-License-Identifier: Apache-2.0
// The nearest tokens by inner product: argmax over v of ⟨x, E[v]⟩ for x = keep·E[t] + f.
//
// What decides is always a product of x with a single embedding in f32, so that equal embeddings
// tie. Matrix products, which may be rounded to bf16, only choose the candidates: scores S = ⟨f,
// E[v]⟩, which the places of an entry share, and the Gram matrix G = ⟨E[t], E[v]⟩. With an error of
// at most ε in keep·G[t, v] + S[v], every token within 2ε of the largest is a candidate; mostly
// there is one, and nothing is left to decide. Tokens are looked at by segments of eight: one whose
// largest S, together with the most that a token other than t gains from keep·G, falls short of
// a value already known cannot hold the nearest.
#include "common.cuh"

constexpr int THREADS = 256;
constexpr int WARPS = THREADS / 32;
constexpr int SEGMENT = 8;
constexpr int MOST_MAXIMA = 1 << 12;  // Of more segments, those this far apart share one.

// largest[0] = the largest Euclidean norm of a row, by a warp for each; zeroed before.
#define MAKE_LARGEST_NORM(T, name)                                                       \
  extern "C" __global__ void __launch_bounds__(THREADS)                                  \
      largest_norm_##name(const T* x, int rows, int width, float* largest) {             \
    long long row = (long long)blockIdx.x * WARPS + warp();                              \
    if (row >= rows) return;                                                             \
    float sum = 0.f;                                                                     \
    for (int i = lane(); i < width; i += 32) {                                           \
      float value = toFloat(x[row * width + i]);                                         \
      sum += value * value;                                                              \
    }                                                                                    \
    sum = warpSum(sum);                                                                  \
    /* Floats that are not negative are ordered as their bits are. */                    \
    if (lane() == 0) atomicMax((int*)largest, __float_as_int(sqrtf(sum)));               \
  }
MNEME_FLOATING(MAKE_LARGEST_NORM)

// bounds[t] = max over v ≠ t of gram[t][v]: a block for each row.
extern "C" __global__ void __launch_bounds__(THREADS)
    neighbour_bounds_f32(const float* gram, int vocabulary, float* bounds) {
  const float* row = gram + (long long)blockIdx.x * vocabulary;
  float best = -MNEME_INFINITY;
  for (int v = threadIdx.x; v < vocabulary; v += THREADS) {
    if (v != blockIdx.x) best = fmaxf(best, row[v]);
  }
  best = blockMax(best);
  if (threadIdx.x == 0) bounds[blockIdx.x] = best;
}

// What a search is given. A row of scores belongs to an entry or, without a Gram matrix, to a place
// of an entry, whose share of the old token is then part of the scores.
template <typename T>
struct Search {
  const T* embeddings;    // [vocabulary, width]
  const int* tokens;      // [entries, places]
  const float* keep;      // [entries]
  const float* features;  // [entries, width]
  int vocabulary;
  int width;
  int places;

  // Element i of x.
  __device__ __forceinline__ float mixed(long long entry, int token, float kept, int i) const {
    return fmaf(kept, toFloat(embeddings[(long long)token * width + i]),
                features[entry * width + i]);
  }

  // ⟨x, E[v]⟩, by a warp.
  __device__ __forceinline__ float product(long long entry, int token, float kept, int v) const {
    const T* embedding = embeddings + (long long)v * width;
    float sum = 0.f;
#pragma unroll 4
    for (int i = lane(); i < width; i += 32) {
      sum = fmaf(mixed(entry, token, kept, i), toFloat(embedding[i]), sum);
    }
    return warpSum(sum);
  }
};

// Writes the left side of the scores, rounded to T, from row first on: f of an entry or, with
// `mixed`, x of a place; and its norm and that of what rounding took from it to norms[row][2]. A
// warp for each row.
template <typename T>
__device__ __forceinline__ void prepareRow(const Search<T>& search, bool mixed, long long first,
                                           int rows, T* left, float* norms) {
  int row = blockIdx.x * WARPS + warp();
  if (row >= rows) return;
  long long place = first + row;
  long long entry = mixed ? place / search.places : place;
  int token = mixed ? search.tokens[place] : 0;
  float kept = mixed ? search.keep[entry] : 0.f;
  float squares = 0.f;
  float errors = 0.f;
  for (int i = lane(); i < search.width; i += 32) {
    float x = mixed ? search.mixed(entry, token, kept, i)
                    : search.features[entry * search.width + i];
    T rounded = fromFloat<T>(x);
    left[(long long)row * search.width + i] = rounded;
    float error = x - toFloat(rounded);
    squares += x * x;
    errors += error * error;
  }
  squares = warpSum(squares);
  errors = warpSum(errors);
  if (lane() == 0) {
    norms[2 * row] = sqrtf(squares);
    norms[2 * row + 1] = sqrtf(errors);
  }
}

// The scores of one row, and G of the old token; gram is null where there is none.
template <typename T>
struct Values {
  const T* scores;
  const float* gram;
  int vocabulary;
  int token;
  float kept;
  bool wide;

  __device__ __forceinline__ float at(int v) const {
    float score = toFloat(scores[v]);
    return gram == nullptr ? score : fmaf(kept, gram[v], score);
  }

  // Those of a segment; −∞ for the old token, which is looked at by itself, and behind the last.
  __device__ __forceinline__ void segment(int number, float (&values)[SEGMENT]) const {
    int first = number * SEGMENT;
    if (wide) {
      load<T, SEGMENT>(scores + first, values);
      if (gram != nullptr) {
        float products[SEGMENT];
        load<float, SEGMENT>(gram + first, products);
#pragma unroll
        for (int i = 0; i < SEGMENT; i++) values[i] = fmaf(kept, products[i], values[i]);
      }
    } else {
#pragma unroll
      for (int i = 0; i < SEGMENT; i++) {
        values[i] = first + i < vocabulary ? at(first + i) : -MNEME_INFINITY;
      }
    }
#pragma unroll
    for (int i = 0; i < SEGMENT; i++) {
      if (gram != nullptr && first + i == token) values[i] = -MNEME_INFINITY;
    }
  }
};

// Which tokens may be nearest: those that may lie above a floor.
struct Filter {
  const float* maxima;  // As written by scanScores.
  int segments;
  float gain;  // The most that keep·G adds to a score, but for the old token.

  __device__ __forceinline__ bool passes(int number, float floor) const {
    return number < segments && !(maxima[number & (MOST_MAXIMA - 1)] + gain < floor);
  }
};

// The largest value of a lane's tokens, and the next one.
struct Leaders {
  float best;
  float second;
  int token;

  __device__ __forceinline__ void add(float value, int v) {
    if (value > best) {
      second = best;
      best = value;
      token = v;
    } else if (value > second) {
      second = value;
    }
  }
};

// The nearest token of a place, by a warp. `known` is a value that some token reaches, `slack` 2ε.
template <typename T>
__device__ int nearestOf(const Search<T>& search, const Values<T>& values, const Filter& filter,
                         long long entry, float kept, float known, float slack) {
  Leaders leaders{-MNEME_INFINITY, -MNEME_INFINITY, -1};
  if (values.gram != nullptr && lane() == 0) leaders.add(values.at(values.token), values.token);
  known = fmaxf(known, warpMax(leaders.best));
  for (int number = lane(); number < filter.segments; number += 32) {
    if (!filter.passes(number, fmaxf(known, leaders.best) - slack)) continue;
    float found[SEGMENT];
    values.segment(number, found);
#pragma unroll
    for (int i = 0; i < SEGMENT; i++) leaders.add(found[i], number * SEGMENT + i);
  }
  float floor = warpMax(leaders.best) - slack;
  uint leading = __ballot_sync(0xffffffffu, leaders.best >= floor);
  uint crowded = __ballot_sync(0xffffffffu, leaders.second >= floor);
  if (__popc(leading) == 1 && crowded == 0) {
    return __shfl_sync(0xffffffffu, leaders.token, __ffs(leading) - 1);
  }
  int nearest = values.token;
  float best = -MNEME_INFINITY;
  if (values.gram != nullptr && values.at(values.token) >= floor) {
    best = search.product(entry, values.token, kept, values.token);
  }
  for (int first = 0; first < filter.segments; first += 32) {
    uint candidates = 0;
    if (filter.passes(first + lane(), floor)) {
      float found[SEGMENT];
      values.segment(first + lane(), found);
#pragma unroll
      for (int i = 0; i < SEGMENT; i++) candidates |= found[i] >= floor ? 1u << i : 0u;
    }
    uint lanes = __ballot_sync(0xffffffffu, candidates != 0);
    for (; lanes != 0; lanes &= lanes - 1) {
      int source = __ffs(lanes) - 1;
      uint bits = __shfl_sync(0xffffffffu, candidates, source);
      for (; bits != 0; bits &= bits - 1) {
        int v = (first + source) * SEGMENT + __ffs(bits) - 1;
        float value = search.product(entry, values.token, kept, v);
        if (value > best || (value == best && v < nearest)) {
          best = value;
          nearest = v;
        }
      }
    }
  }
  return nearest;
}

// The largest score, the largest magnitude and, in maxima, the largest score of each segment; of
// more than MOST_MAXIMA, which must be a multiple of the block, that of those which share a place.
// By a block; contains barriers.
template <typename T>
__device__ __forceinline__ void scanScores(const Values<T>& values, int segments, float* maxima,
                                           float& largest, float& magnitude) {
  constexpr int FLIGHT = 4;  // Segments that a thread loads at a time.
  float best = -MNEME_INFINITY;
  float most = 0.f;
  for (int first = threadIdx.x; first < segments; first += FLIGHT * blockDim.x) {
    float found[FLIGHT][SEGMENT];
#pragma unroll
    for (int i = 0; i < FLIGHT; i++) {
      // The last one again where there is no other, so that no load waits for a branch.
      values.segment(min(first + i * (int)blockDim.x, segments - 1), found[i]);
    }
#pragma unroll
    for (int i = 0; i < FLIGHT; i++) {
      float segmentBest = -MNEME_INFINITY;
#pragma unroll
      for (int j = 0; j < SEGMENT; j++) {
        float score = found[i][j];
        segmentBest = fmaxf(segmentBest, score);
        // What stands behind the last token is no score.
        most = fmaxf(most, score == -MNEME_INFINITY ? 0.f : fabsf(score));
      }
      best = fmaxf(best, segmentBest);
      int number = first + i * blockDim.x;
      int place = number & (MOST_MAXIMA - 1);
      if (number < segments) {
        maxima[place] = place == number ? segmentBest : fmaxf(segmentBest, maxima[place]);
      }
    }
  }
  largest = blockMax(best);
  magnitude = blockMax(most);
}

// A segment with the largest score, of at most MOST_MAXIMA; by a warp.
__device__ __forceinline__ int favouriteOf(const float* maxima, int segments, float largest) {
  for (int first = 0; first < segments; first += 32) {
    int number = first + lane();
    uint found = __ballot_sync(0xffffffffu, number < segments && maxima[number] == largest);
    if (found != 0) return first + __ffs(found) - 1;
  }
  return 0;
}

// A block for each row of scores, with a warp for each place at a time. norms as written by
// prepare_rows, `accumulated` the relative error of a sum of width products, `rounding` that of a
// score. Shared: a float for each segment, at most MOST_MAXIMA.
template <typename T>
__device__ __forceinline__ void findNearest(const Search<T>& search, const T* scores,
                                            const float* gram, const float* bounds,
                                            const float* norms, const float* largestNorm,
                                            float accumulated, float rounding, bool wide,
                                            long long first, int* out, float* maxima) {
  int segments = (search.vocabulary + SEGMENT - 1) / SEGMENT;
  const T* row = scores + (long long)blockIdx.x * search.vocabulary;
  float largest;
  float magnitude;
  scanScores(Values<T>{row, nullptr, search.vocabulary, -1, 0.f, wide}, segments, maxima, largest,
             magnitude);
  bool byPlace = gram == nullptr;
  long long entry = byPlace ? (first + blockIdx.x) / search.places : first + blockIdx.x;
  long long firstPlace = byPlace ? first + blockIdx.x : entry * search.places;
  int places = byPlace ? 1 : search.places;
  float kept = search.keep[entry];
  float longest = largestNorm[0];
  float share = byPlace ? 0.f : fabsf(kept) * longest;
  float error = norms[2 * blockIdx.x + 1] * longest + rounding * magnitude +
                accumulated * (norms[2 * blockIdx.x] + share) * longest;
  float slack = 2.02f * error;
  int favourite = byPlace ? 0 : favouriteOf(maxima, segments, largest);
  for (int k = warp(); k < places; k += blockDim.x >> 5) {
    int token = search.tokens[firstPlace + k];
    int nearest = token;
    if (slack < MNEME_INFINITY) {
      const float* products = byPlace ? nullptr : gram + (long long)token * search.vocabulary;
      Values<T> values{row, products, search.vocabulary, token, kept, wide};
      float gain = byPlace ? 0.f : kept >= 0.f ? kept * bounds[token] : share * longest;
      float known = largest;
      if (!byPlace) {
        float found[SEGMENT];
        values.segment(favourite, found);
        known = -MNEME_INFINITY;
#pragma unroll
        for (int i = 0; i < SEGMENT; i++) known = fmaxf(known, found[i]);
      }
      Filter filter{maxima, segments, gain};
      nearest = nearestOf(search, values, filter, entry, kept, known, slack);
    }
    if (lane() == 0) out[firstPlace + k] = nearest;
  }
}

#define MAKE_NEAREST(T, name)                                                                   \
  extern "C" __global__ void __launch_bounds__(THREADS) prepare_rows_##name(                    \
      const T* embeddings, const int* tokens, const float* keep, const float* features,         \
      int vocabulary, int width, int places, int mixed, long long first, int rows, T* left,     \
      float* norms) {                                                                           \
    Search<T> search{embeddings, tokens, keep, features, vocabulary, width, places};            \
    prepareRow(search, mixed, first, rows, left, norms);                                        \
  }                                                                                             \
  extern "C" __global__ void __launch_bounds__(THREADS) nearest_tokens_##name(                  \
      const T* embeddings, const int* tokens, const float* keep, const float* features,         \
      int vocabulary, int width, int places, const T* scores, const float* gram,                \
      const float* bounds, const float* norms, const float* largestNorm, float accumulated,     \
      float rounding, int wide, long long first, int* out) {                                    \
    extern __shared__ float maxima[];                                                           \
    Search<T> search{embeddings, tokens, keep, features, vocabulary, width, places};            \
    findNearest(search, scores, gram, bounds, norms, largestNorm, accumulated, rounding,        \
                wide != 0, first, out, maxima);                                                 \
  }
MNEME_FLOATING(MAKE_NEAREST)
