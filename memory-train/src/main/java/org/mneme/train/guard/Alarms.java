// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.guard;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.mneme.train.config.AlarmConfig;
import org.mneme.train.metrics.AlarmKind;
import org.mneme.train.metrics.AlarmReport;

/** Decides which findings are alarms. Each is told once, when it begins. */
final class Alarms {
  private final AlarmConfig config;
  private final Set<String> active = new LinkedHashSet<>();
  private List<String> withoutGradient = List.of();
  private final UsageAlarm usage;

  Alarms(AlarmConfig config) {
    this.config = config;
    this.usage = new UsageAlarm(config.usageFloor(), config.usageDrop());
  }

  /** Judges a look at the gradients: a tensor that has none twice running is an alarm. */
  List<AlarmReport> gradients(long step, List<String> trained, List<String> without) {
    List<AlarmReport> alarms =
        trained.stream()
            .map(tensor -> gradient(step, tensor, without.contains(tensor)))
            .flatMap(Optional::stream)
            .toList();
    withoutGradient = List.copyOf(without);
    return alarms;
  }

  private Optional<AlarmReport> gradient(long step, String tensor, boolean none) {
    boolean again = none && withoutGradient.contains(tensor);
    String message =
        String.format(
            Locale.ROOT,
            "the gradient of '%s' was 0 at this step and when it was last looked at, %d steps"
                + " before: nothing that it does reaches the loss",
            tensor,
            config.gradientInterval());
    return changed(again, new AlarmReport(step, AlarmKind.NO_GRADIENT, tensor, 0, 0, message));
  }

  /** Judges the use of the memory in a validation. */
  Optional<AlarmReport> usage(long step, String subject, MemoryUse use) {
    if (!use.choice()) {
      return Optional.empty();
    }
    double share = use.share();
    boolean collapsed = usage.collapsed(step, share);
    UsageState state = usage.state();
    String message =
        String.format(
            Locale.ROOT,
            "the gate reads nearly the same entries whatever the text is: %.0f effective entries of"
                + " up to %.0f, where a constant choice reads %.0f; %.1f %% of the choice depends on"
                + " the text, expected at least %.1f %%, in %d validations since step %d",
            use.effective(),
            use.most(),
            use.constant(),
            100 * share,
            100 * usage.limit(),
            state.low(),
            state.lowSince());
    return changed(
        collapsed,
        new AlarmReport(step, AlarmKind.USAGE_COLLAPSED, subject, share, usage.limit(), message));
  }

  /** Judges the entries that an update touched: the share that holds one token throughout. */
  Optional<AlarmReport> sameTokens(long step, String subject, double share) {
    double limit = config.sameTokens();
    String message =
        String.format(
            Locale.ROOT,
            "%.1f %% of the entries that an update touched hold the same token at every place,"
                + " expected less than %.1f %%: they say no more than one token does",
            100 * share,
            100 * limit);
    return changed(
        limit > 0 && share >= limit,
        new AlarmReport(step, AlarmKind.SAME_TOKENS, subject, share, limit, message));
  }

  /** The alarm if it begins now. */
  private Optional<AlarmReport> changed(boolean bad, AlarmReport alarm) {
    String key = alarm.alarm().key() + " " + alarm.subject();
    if (!bad) {
      active.remove(key);
      return Optional.empty();
    }
    return active.add(key) ? Optional.of(alarm) : Optional.empty();
  }

  AlarmState state() {
    return new AlarmState(List.copyOf(active), withoutGradient, usage.state());
  }

  void restore(AlarmState state) {
    active.clear();
    active.addAll(state.active());
    withoutGradient = state.withoutGradient();
    usage.restore(state.usage());
  }
}
