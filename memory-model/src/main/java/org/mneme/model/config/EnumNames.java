// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.config;

import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import java.util.Locale;

/**
 * Names the constants of enums in lower case. Jackson's own feature for this uses the default
 * locale: under Turkish it wrote {@code publıshed}, which no other machine could read.
 */
final class EnumNames extends JacksonAnnotationIntrospector {
  private static final long serialVersionUID = 1;

  @Override
  public String[] findEnumValues(
      MapperConfig<?> config, AnnotatedClass type, Enum<?>[] constants, String[] names) {
    String[] found = super.findEnumValues(config, type, constants, names);
    for (int i = 0; i < found.length; i++) {
      found[i] = found[i] == null ? constants[i].name().toLowerCase(Locale.ROOT) : found[i];
    }
    return found;
  }
}
