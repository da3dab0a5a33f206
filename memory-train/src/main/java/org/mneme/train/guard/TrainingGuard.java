// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.mneme.compute.UserException;
import org.mneme.model.LanguageModel;
import org.mneme.model.config.MemoryStore;
import org.mneme.model.config.ModelConfig;
import org.mneme.model.layers.MemoryEntries;
import org.mneme.model.parameters.ParameterSpec;
import org.mneme.train.config.AlarmAction;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.config.SpikeAction;
import org.mneme.train.config.SpikeConfig;
import org.mneme.train.metrics.AlarmReport;
import org.mneme.train.metrics.MemoryMoveReport;
import org.mneme.train.metrics.MemoryReport;
import org.mneme.train.metrics.SpikeReport;
import org.mneme.train.metrics.TrainingListener;
import org.mneme.train.optimizer.AdamWOptimizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches over a training. It judges the loss of each step before anything moves by it, if that is
 * asked for, and hears the other events to find what is dead. What it finds is logged and told to
 * an audience; as configured it ends the training, after the step is over.
 */
public final class TrainingGuard implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingGuard.class);

  private final LanguageModel model;
  private final AdamWOptimizer optimizer;
  private final SpikeConfig spikeConfig;
  private final AlarmConfig alarmConfig;
  private final TrainingListener audience;
  private final SpikeGuard spikes;
  private final Alarms alarms;
  private final GradientProbe gradients;
  private Optional<SpikeReport> spike = Optional.empty();

  /**
   * A guard that has seen nothing.
   *
   * @param audience who is told of spikes and alarms
   */
  public TrainingGuard(
      LanguageModel model,
      AdamWOptimizer optimizer,
      SpikeConfig spikes,
      AlarmConfig alarms,
      TrainingListener audience) {
    this.model = model;
    this.optimizer = optimizer;
    this.spikeConfig = spikes;
    this.alarmConfig = alarms;
    this.audience = audience;
    this.spikes = new SpikeGuard(spikes);
    this.alarms = new Alarms(alarms);
    this.gradients = new GradientProbe(model);
  }

  /** Whether the loss and the gradient norm of every step are wanted. */
  public boolean judgesSteps() {
    return spikeConfig.looks();
  }

  /**
   * Judges a step before anything moves by it.
   *
   * @return whether nothing shall move
   */
  public boolean skips(long step, double loss, double gradNorm) {
    spike = spikes.judge(step, loss, gradNorm);
    return spike.isPresent() && spike.get().skipped();
  }

  @Override
  public void stepped(long step) {
    Optional<SpikeReport> found = spike;
    spike = Optional.empty();
    found.ifPresent(this::tell);
    int interval = alarmConfig.gradientInterval();
    if (alarmConfig.looks() && interval > 0 && step % interval == 0) {
      List<String> trained = trained(step);
      raise(alarms.gradients(step, trained, gradients.without(trained)));
    }
  }

  private List<String> trained(long step) {
    return model.parameters().table().specs().stream()
        .filter(spec -> optimizer.moves(spec.group(), step))
        .map(ParameterSpec::name)
        .toList();
  }

  private void tell(SpikeReport report) {
    String message =
        String.format(
            Locale.ROOT,
            "step %d: %s is %.4g, %.1f standard deviations above the mean of the last %d steps,"
                + " which is %.4g%s",
            report.step(),
            report.quantity(),
            report.value(),
            report.zScore(),
            spikeConfig.window(),
            report.mean(),
            report.skipped() ? "; the step moves nothing" : "");
    LOG.warn("Spike at {}", message);
    audience.spiked(report);
    if (spikeConfig.action() == SpikeAction.STOP) {
      throw new UserException(message + ". spike_guard.action is stop");
    }
  }

  @Override
  public void memoryUsed(MemoryReport report) {
    // What is addressed by text is used where the text occurs: no choice can collapse.
    boolean chosen = model.config().memoryStore() != MemoryStore.CONTEXT_TOKEN;
    if (alarmConfig.looks() && chosen && report.selections() > 0) {
      raise(alarms.usage(report.step(), MemoryEntries.NAME, use(report)).stream().toList());
    }
  }

  private MemoryUse use(MemoryReport report) {
    ModelConfig config = model.config();
    int entries = config.knowledgeNum();
    int perPosition = config.memoryHeads() * config.numSelected();
    int constant = Math.min(entries, perPosition * config.layersWithMemory().size());
    return new MemoryUse(
        Math.exp(report.entropy()), constant, Math.min(entries, report.selections()));
  }

  @Override
  public void memoryMoved(MemoryMoveReport report) {
    ModelConfig config = model.config();
    boolean tokens = config.memoryStore() == MemoryStore.EMA_TOKEN && config.knowledgeLength() > 1;
    if (alarmConfig.looks() && tokens && report.entriesTouched() > 0) {
      double share = report.sameTokenEntries() / (double) report.entriesTouched();
      raise(alarms.sameTokens(report.step(), MemoryEntries.NAME, share).stream().toList());
    }
  }

  private void raise(List<AlarmReport> reports) {
    for (AlarmReport report : reports) {
      LOG.warn("Alarm after step {}: {}", report.step(), report.message());
      audience.alarmed(report);
    }
    if (!reports.isEmpty() && alarmConfig.action() == AlarmAction.STOP) {
      AlarmReport first = reports.get(0);
      throw new UserException(
          "step " + first.step() + ": " + first.message() + ". alarms.action is stop");
    }
  }

  /** What a guard of the same training needs to go on. */
  public GuardState state() {
    return new GuardState(spikes.state(), alarms.state());
  }

  /** Goes on from what another guard of this training gave. */
  public void restore(GuardState state) {
    spikes.restore(state.spikes());
    alarms.restore(state.alarms());
  }
}
