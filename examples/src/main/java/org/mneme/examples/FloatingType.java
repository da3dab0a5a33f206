// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import java.util.Locale;
import org.mneme.compute.DType;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a floating type as configurations name it. */
public final class FloatingType implements ITypeConverter<DType> {
  @Override
  public DType convert(String name) {
    for (DType type : DType.values()) {
      if (type.isFloating() && type.name().toLowerCase(Locale.ROOT).equals(name)) {
        return type;
      }
    }
    throw new TypeConversionException("found '" + name + "', expected f32 or bf16");
  }
}
