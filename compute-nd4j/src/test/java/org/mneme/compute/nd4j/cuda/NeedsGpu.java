// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.mneme.compute.DeviceStatus;

/** Tests on the first GPU; without one they are reported as skipped, with the reason. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsGpu.Condition.class)
@interface NeedsGpu {
  /** The device of these tests. */
  String DEVICE = "cuda:0";

  /** Asks the provider. */
  class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      DeviceStatus status = new CudaProvider().probe().get(0);
      String reason = status.deviceId() + ": " + status.detail();
      return status.available()
          ? ConditionEvaluationResult.enabled(reason)
          : ConditionEvaluationResult.disabled(reason);
    }
  }
}
