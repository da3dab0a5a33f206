// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.report.document;

import java.util.List;
import org.mneme.eval.report.markup.MarkdownText;
import org.mneme.eval.report.markup.Markup;

/** Results in large figures. */
final class TilesBlock extends Block {
  private final List<Tile> tiles;

  TilesBlock(List<Tile> tiles) {
    this.tiles = List.copyOf(tiles);
  }

  @Override
  void html(Markup html) {
    html.open("div", "class", "tiles");
    tiles.forEach(tile -> tile.html(html));
    html.close();
  }

  @Override
  void markdown(MarkdownText out) {
    tiles.forEach(tile -> tile.markdown(out));
    out.blank();
  }
}
