// SPDX-License-Identifier: Apache-2.0
/** What a model is, as published and as written on disk. */
package org.mneme.model.config;
