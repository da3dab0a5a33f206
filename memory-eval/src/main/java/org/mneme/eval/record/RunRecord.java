// SPDX-License-Identifier: Apache-2.0
package org.mneme.eval.record;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.mneme.eval.report.document.Block;
import org.mneme.eval.report.document.Document;
import org.mneme.eval.report.document.Document.Section;

/**
 * The record of one run: what was asked, decided, done and found, and how that compares with other
 * runs. {@link #document} is the whole story.
 */
public final class RunRecord {
  /** The name of the record as Markdown. */
  public static final String MARKDOWN = "report.md";

  /** The name of the record as HTML. */
  public static final String HTML = "report.html";

  private final RecordedRun run;
  private final RunGroup group;
  private final List<RunGroup> baselines;
  private final List<String> notes;

  /**
   * A record.
   *
   * @param run whose record it is
   * @param others runs to compare with; those of the same configuration but for the seed count as
   *     its other seeds
   */
  public RunRecord(RecordedRun run, List<RecordedRun> others) {
    this.run = run;
    List<RecordedRun> all = new ArrayList<>(List.of(run));
    Path own = RunGrouping.realPath(run.folder());
    others.stream()
        .filter(other -> !RunGrouping.realPath(other.folder()).equals(own))
        .forEach(all::add);
    RunGrouping grouping = new RunGrouping(all);
    List<RunGroup> groups = grouping.groups();
    this.notes = grouping.notes();
    this.group = groups.get(0);
    this.baselines = groups.subList(1, groups.size());
  }

  /** The record as a document. */
  public Document document() {
    List<Section> sections = new ArrayList<>();
    add(sections, "result", "Result", ResultSection.blocks(this));
    add(sections, "question", "Question and hypotheses", QuestionSection.blocks(this));
    add(sections, "decisions", "Decisions", DecisionsSection.blocks(run));
    add(sections, "baselines", "Comparison", ComparisonSection.blocks(this));
    add(sections, "curves", "Curves", RunCurves.blocks(this));
    add(sections, "memory", "Memory", MemoryBlocks.blocks(this));
    add(sections, "facts", "Facts and knock-out", FactsBlocks.blocks(groups()));
    add(sections, "samples", "Samples", GenerationBlocks.blocks(this));
    add(sections, "progress", "Progress", ProgressSection.blocks(run));
    add(sections, "settings", "Settings", SettingsSection.blocks(groups()));
    add(sections, "next", "Next steps", nextSteps());
    add(sections, "origin", "Environment and how to repeat it", OriginSection.blocks(run));
    add(sections, "files", "Files", OriginSection.files(run));
    add(sections, "missing", "What is missing", missing());
    return new Document(title(), subtitle(), List.of(), sections);
  }

  /**
   * Writes the record into a folder, as Markdown and as HTML.
   *
   * @throws IOException if a file cannot be written
   */
  public void write(Path folder) throws IOException {
    Document document = document();
    document.writeMarkdown(folder.resolve(MARKDOWN));
    document.writeHtml(folder.resolve(HTML));
  }

  private static void add(List<Section> sections, String id, String title, List<Block> blocks) {
    if (!blocks.isEmpty()) {
      sections.add(new Section(id, title, blocks));
    }
  }

  private String title() {
    String version = experiment("version");
    return version.isEmpty() ? run.name() : "Experiment " + version;
  }

  private String subtitle() {
    String description = experiment("description");
    String state = ProgressSection.state(run);
    return description.isEmpty() ? state : description + " · " + state;
  }

  private List<Block> nextSteps() {
    List<String> steps = texts(run.config().path("experiment").path("next_steps"));
    return List.of(
        steps.isEmpty() ? Block.missing("No next steps were stated.") : Block.list(steps));
  }

  private List<Block> missing() {
    return run.gaps().isEmpty() ? List.of() : List.of(Block.list(run.gaps()));
  }

  /** What a reader must know of the runs that are compared, a sentence each. */
  List<String> notes() {
    return notes;
  }

  RecordedRun run() {
    return run;
  }

  RunGroup group() {
    return group;
  }

  List<RunGroup> baselines() {
    return baselines;
  }

  /** The run's group and the baselines. */
  List<RunGroup> groups() {
    List<RunGroup> groups = new ArrayList<>(List.of(group));
    groups.addAll(baselines);
    return groups;
  }

  String experiment(String key) {
    return run.config().path("experiment").path(key).asText();
  }

  /** Checks a condition on the run, or on the mean over its seeds, against the first baseline. */
  Criterion.Outcome check(Criterion criterion) {
    return criterion.check(
        name -> finite(group.measure(name).mean()),
        name ->
            baselines.isEmpty()
                ? OptionalDouble.empty()
                : finite(baselines.get(0).measure(name).mean()));
  }

  private static OptionalDouble finite(double value) {
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /** The texts of a list; of a text, itself. */
  static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(element -> texts.add(element.asText()));
    if (list.isTextual() && !list.asText().isBlank()) {
      texts.add(list.asText());
    }
    return texts;
  }
}
