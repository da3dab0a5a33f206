// SPDX-License-Identifier: Apache-2.0
/** Systems pretrained on WordNet in a few minutes, and the report that compares them. */
package org.mneme.examples.quickstart;
