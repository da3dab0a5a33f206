// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvertedIndexTest {
  private final InvertedIndex index = new InvertedIndex();

  @ParameterizedTest
  @CsvSource({"0, 5", "1, 1", "7, 1", "500, 3", "999, 2048", "3000, 2049", "400, 2147483647"})
  void groupsLikeASortedMap(int count, long bound) {
    Random random = new Random(3);
    for (int use = 0; use < 2; use++) {
      Map<Integer, List<Integer>> expected = new TreeMap<>();
      int[] keys = index.keys(count);
      for (int i = 0; i < count; i++) {
        keys[i] = (int) (random.nextDouble() * bound);
        expected.computeIfAbsent(keys[i], key -> new ArrayList<>()).add(i);
      }
      index.build(count, bound);
      Map<Integer, List<Integer>> found = new TreeMap<>();
      for (int group = 0; group < index.groups(); group++) {
        List<Integer> members = new ArrayList<>();
        for (int place = index.start(group); place < index.start(group + 1); place++) {
          members.add(index.member(place));
        }
        found.put(index.key(group), members);
      }
      assertThat(found).isEqualTo(expected);
      assertThat(index.groups()).isEqualTo(expected.size());
    }
  }
}
