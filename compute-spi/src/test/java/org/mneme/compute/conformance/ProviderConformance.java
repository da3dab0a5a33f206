// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.conformance;

import org.junit.jupiter.api.Nested;
import org.mneme.compute.Device;

/**
 * The whole kit: a provider's test extends this class and gives its device. A provider that grows
 * may extend the groups one by one instead.
 */
public abstract class ProviderConformance {
  /** Opens the device under test; called once for each group, which closes it. */
  protected abstract Device openDevice();

  @Nested
  class Matrix extends MatrixConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Transfer extends TransferConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Optimizer extends OptimizerConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Random extends RandomConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Norm extends NormConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Activation extends ActivationConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Attention extends AttentionConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Loss extends LossConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Row extends RowConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Bag extends EmbeddingBagConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Read extends ReadConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Concat extends ConcatConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class ProductKey extends ProductKeyConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Group extends GroupConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Update extends UpdateConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Episodic extends EpisodicConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Context extends ContextConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Tensors extends DeviceConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Threads extends ThreadConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Index extends IndexConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Argument extends ArgumentConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }

  @Nested
  class Range extends RangeConformance {
    @Override
    protected Device openDevice() {
      return ProviderConformance.this.openDevice();
    }
  }
}
