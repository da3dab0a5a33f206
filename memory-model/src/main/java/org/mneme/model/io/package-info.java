// SPDX-License-Identifier: Apache-2.0
/** Writing of files that are either complete or not there. */
package org.mneme.model.io;
