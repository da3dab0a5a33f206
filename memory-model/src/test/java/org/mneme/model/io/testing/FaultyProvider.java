// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.mneme.model.io.testing.FaultyFileSystem.Operation;

/** The operations of a {@link FaultyFileSystem}. */
final class FaultyProvider extends FileSystemProvider {
  private final FaultyFileSystem fileSystem;
  private final FileSystemProvider delegate;

  FaultyProvider(FaultyFileSystem fileSystem, FileSystemProvider delegate) {
    this.fileSystem = fileSystem;
    this.delegate = delegate;
  }

  private static Path unwrap(Path path) {
    return FaultyPath.unwrap(path);
  }

  private void before(Operation operation, Path path) throws IOException {
    fileSystem.faults().before(operation, path);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path file = unwrap(path);
    if (Files.isDirectory(file)) {
      return new FaultyChannel(fileSystem, file, fileSystem.emptyChannel());
    }
    boolean creates =
        options.contains(StandardOpenOption.CREATE)
            || options.contains(StandardOpenOption.CREATE_NEW);
    boolean isNew = creates && !Files.exists(file);
    if (isNew) {
      before(Operation.CREATE, file);
    }
    FileChannel opened = delegate.newFileChannel(file, options, attributes);
    if (isNew) {
      fileSystem.disk().created(file, false);
    }
    return new FaultyChannel(fileSystem, file, opened);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> stream =
        delegate.newDirectoryStream(
            unwrap(directory), path -> filter.accept(fileSystem.wrap(path)));
    Throwable opened = new Throwable(directory + " was listed here");
    fileSystem.openFiles().add(opened);
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        Iterator<Path> inner = stream.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return inner.hasNext();
          }

          @Override
          public Path next() {
            return fileSystem.wrap(inner.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        fileSystem.openFiles().remove(opened);
        stream.close();
      }
    };
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    Path directory = unwrap(path);
    if (!Files.exists(directory)) {
      before(Operation.CREATE, directory);
    }
    delegate.createDirectory(directory, attributes);
    fileSystem.disk().created(directory, true);
  }

  @Override
  public void delete(Path path) throws IOException {
    Path file = unwrap(path);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    before(Operation.DELETE, file);
    delegate.delete(file);
    fileSystem.disk().deleted(file);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    Path from = unwrap(source);
    before(Operation.RENAME, from);
    delegate.move(from, unwrap(target), options);
    fileSystem.disk().moved(from, unwrap(target));
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    Path to = unwrap(target);
    before(Operation.CREATE, to);
    delegate.copy(unwrap(source), to, options);
    fileSystem.disk().created(to, Files.isDirectory(to));
  }

  @Override
  public boolean isSameFile(Path one, Path two) throws IOException {
    return delegate.isSameFile(unwrap(one), unwrap(two));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return delegate.isHidden(unwrap(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return delegate.getFileStore(unwrap(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    delegate.checkAccess(unwrap(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return delegate.getFileAttributeView(unwrap(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return delegate.readAttributes(unwrap(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return delegate.readAttributes(unwrap(path), attributes, options);
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
      throws IOException {
    delegate.setAttribute(unwrap(path), attribute, value, options);
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException("file systems by URI");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException("file systems by URI");
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException("paths by URI");
  }
}
