// SPDX-License-Identifier: Apache-2.0
package org.mneme.train.testing;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

/** All keys of a configuration, found by its records: a new key is among them by itself. */
public final class ConfigKeys {
  private static final SnakeCaseStrategy SNAKE_CASE = new SnakeCaseStrategy();

  private ConfigKeys() {}

  /** Returns the paths of all keys, those of parts and those of list elements among them. */
  public static List<String> of(Class<?> config) {
    List<String> keys = new ArrayList<>();
    add(keys, config, "");
    return keys;
  }

  private static void add(List<String> keys, Class<?> config, String path) {
    for (RecordComponent component : config.getRecordComponents()) {
      String key = path + SNAKE_CASE.translate(component.getName());
      keys.add(key);
      Class<?> type = component.getType();
      if (type.isRecord()) {
        add(keys, type, key + ".");
      } else if (List.class.isAssignableFrom(type)) {
        keys.add(key + ".0");
        Type element = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
        if (element instanceof Class<?> part && part.isRecord()) {
          add(keys, part, key + ".0.");
        }
      }
    }
  }
}
