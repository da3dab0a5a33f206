// SPDX-License-Identifier: Apache-2.0

/** The language model, its configuration and its parts. */
package org.mneme.model;
