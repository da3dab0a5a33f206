// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** Names and what they stand for. */
final class DefinitionsBlock extends Block {
  private final Map<String, String> values;

  DefinitionsBlock(Map<String, String> values) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  @Override
  void html(Markup html) {
    html.open("dl");
    values.forEach((key, value) -> html.leaf("dt", key).leaf("dd", value));
    html.close();
  }

  @Override
  void markdown(MarkdownText out) {
    values.forEach((key, value) -> out.item(key + ": " + value));
    out.blank();
  }
}
