// SPDX-License-Identifier: Apache-2.0
/**
 * A device that computes everything with the references, in doubles that are rounded to each
 * tensor's type. It proves that the kit asks nothing that a plain device cannot give, in every
 * type, and shows how little a provider must do at first.
 */
package org.mneme.compute.conformance.plain;
