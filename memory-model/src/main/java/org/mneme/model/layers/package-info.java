// SPDX-License-Identifier: Apache-2.0
/** The layers of which a model consists; each lists its parameters and runs forward on a tape. */
package org.mneme.model.layers;
