// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mneme.model.io.testing.FaultyFileSystem.Operation;

/** A file of a {@link FaultyFileSystem}, or a directory, which can only be forced. */
final class FaultyChannel extends FileChannel {
  private final FaultyFileSystem fileSystem;
  private final Path path;
  private final FileChannel delegate;
  private final Throwable opened;

  FaultyChannel(FaultyFileSystem fileSystem, Path path, FileChannel delegate) {
    this.fileSystem = fileSystem;
    this.path = path;
    this.delegate = delegate;
    this.opened = new Throwable(path + " was opened here");
    fileSystem.openFiles().add(opened);
  }

  private void before(Operation operation) throws IOException {
    fileSystem.faults().before(operation, path);
  }

  /** A failed write has written half: what a full disk or a loss of power leaves. */
  private int write(ByteBuffer source, Writing writing) throws IOException {
    ByteBuffer half = source.duplicate();
    half.limit(half.position() + half.remaining() / 2);
    try {
      before(Operation.WRITE);
    } catch (IOException e) {
      writing.write(half);
      throw e;
    }
    if (!fileSystem.writesShort() || source.remaining() < 2) {
      return writing.write(source);
    }
    int written = writing.write(half);
    source.position(source.position() + written);
    return written;
  }

  /** A write to the file wrapped. */
  @FunctionalInterface
  private interface Writing {
    int write(ByteBuffer source) throws IOException;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return write(source, delegate::write);
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    return write(source, bytes -> delegate.write(bytes, position));
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long written = 0;
    for (int i = offset; i < offset + length; i++) {
      written += write(sources[i]);
    }
    return written;
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    before(Operation.WRITE);
    delegate.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    before(Operation.FORCE);
    delegate.force(metadata);
    if (Files.exists(path)) {
      byte[] contents = Files.isDirectory(path) ? new byte[0] : Files.readAllBytes(path);
      fileSystem.disk().forced(path, contents);
    }
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    FileLock lock = tryLock(position, size, shared);
    if (lock == null) {
      throw new IOException("a test does not wait for a lock");
    }
    return lock;
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    before(Operation.LOCK);
    if (!fileSystem.hasLocks()) {
      throw new IOException("No locks available");
    }
    return delegate.tryLock(position, size, shared);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return delegate.read(target);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
    return delegate.read(targets, offset, length);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return delegate.read(target, position);
  }

  @Override
  public long position() throws IOException {
    return delegate.position();
  }

  @Override
  public FileChannel position(long newPosition) throws IOException {
    delegate.position(newPosition);
    return this;
  }

  @Override
  public long size() throws IOException {
    return delegate.size();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    return delegate.transferTo(position, count, target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    before(Operation.WRITE);
    return delegate.transferFrom(source, position, count);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException("mapping");
  }

  @Override
  protected void implCloseChannel() throws IOException {
    fileSystem.openFiles().remove(opened);
    delegate.close();
  }
}
