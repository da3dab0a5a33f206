// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.safetensors;

import java.nio.file.Path;
import java.util.Locale;
import org.mneme.compute.UserException;

/** A safetensors file that cannot be used: the message names file, tensor, found and expected. */
public final class SafetensorsException extends UserException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 160;

  SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A fault of the file as a whole. */
  static SafetensorsException ofFile(Path file, String found, String expected) {
    return new SafetensorsException(message(file.toString(), found, expected), null);
  }

  /** A fault of one tensor. */
  static SafetensorsException ofTensor(Path file, String name, String found, String expected) {
    return new SafetensorsException(
        message(file + ": tensor " + quote(name), found, expected), null);
  }

  private static String message(String where, String found, String expected) {
    return where + ": found " + found + ", expected " + expected;
  }

  /** A name from a distrusted file, fit to be shown. */
  static String quote(String name) {
    return "'" + cut(name) + "'";
  }

  /** Text from a distrusted file, shortened and freed of what could disturb a terminal. */
  static String cut(String text) {
    StringBuilder out = new StringBuilder();
    for (char c : text.substring(0, Math.min(SHOWN, text.length())).toCharArray()) {
      out.append(
          Character.isISOControl(c)
              ? String.format(Locale.ROOT, "\\u%04x", (int) c)
              : String.valueOf(c));
    }
    return text.length() > SHOWN ? out + "…" : out.toString();
  }
}
