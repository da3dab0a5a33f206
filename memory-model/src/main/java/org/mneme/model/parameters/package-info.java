// SPDX-License-Identifier: Apache-2.0
/** Parameters as data: one table drives allocation, initialisation, optimiser and checkpoint. */
package org.mneme.model.parameters;
