// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A path of a {@link FaultyFileSystem}: all but the file system is that of the path wrapped. */
final class FaultyPath implements InvocationHandler {
  private final FaultyFileSystem fileSystem;
  private final Path delegate;

  private FaultyPath(FaultyFileSystem fileSystem, Path delegate) {
    this.fileSystem = fileSystem;
    this.delegate = delegate;
  }

  static Path of(FaultyFileSystem fileSystem, Path delegate) {
    return (Path)
        Proxy.newProxyInstance(
            FaultyPath.class.getClassLoader(),
            new Class<?>[] {Path.class},
            new FaultyPath(fileSystem, delegate));
  }

  /** The path wrapped; a path of another file system itself. */
  static Path unwrap(Path path) {
    return path != null
            && Proxy.isProxyClass(path.getClass())
            && Proxy.getInvocationHandler(path) instanceof FaultyPath wrapped
        ? wrapped.delegate
        : path;
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "getFileSystem":
        return fileSystem;
      case "equals":
        return arguments[0] instanceof Path other && delegate.equals(unwrap(other));
      case "toFile":
        throw new UnsupportedOperationException("a path that is no file of the default provider");
      case "toRealPath":
        return fileSystem.wrap(delegate.toRealPath());
      default:
        return wrap(call(method, arguments));
    }
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    Object[] unwrapped = arguments == null ? null : arguments.clone();
    for (int i = 0; unwrapped != null && i < unwrapped.length; i++) {
      unwrapped[i] = unwrapped[i] instanceof Path path ? unwrap(path) : unwrapped[i];
    }
    try {
      return method.invoke(delegate, unwrapped);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private Object wrap(Object result) {
    if (result instanceof Path path) {
      return of(fileSystem, path);
    }
    if (result instanceof Iterator<?> names) {
      List<Path> wrapped = new ArrayList<>();
      names.forEachRemaining(name -> wrapped.add(of(fileSystem, (Path) name)));
      return wrapped.iterator();
    }
    return result;
  }
}
