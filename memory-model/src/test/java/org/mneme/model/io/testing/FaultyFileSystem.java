// SPDX-License-Identifier: Apache-2.0
package org.mneme.model.io.testing;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/**
 * A file system in memory for tests: it fails the n-th operation of a kind, writes less than it is
 * asked to, turns the power off at the n-th change, and then shows what a disk holds of what was
 * not forced. Files that are left open fail {@link #assertAllClosed} with the place that opened
 * them.
 *
 * <p>Each change of the file system that a disk would see is an operation: {@link Operation}.
 */
public final class FaultyFileSystem extends FileSystem {
  /** What can fail. */
  public enum Operation {
    /** The creation of a file or a directory. */
    CREATE,
    /** A write or a truncation. */
    WRITE,
    /** A rename. */
    RENAME,
    /** Bringing a file or a directory to the disk. */
    FORCE,
    /** A lock of a file. */
    LOCK,
    /** The deletion of a file or a directory. */
    DELETE
  }

  private final FileSystem delegate;
  private final FileSystem scratch = Jimfs.newFileSystem(Configuration.unix());
  private final FaultyProvider provider;
  private final Faults faults = new Faults();
  private final Disk disk = new Disk();
  private final Set<Throwable> open = ConcurrentHashMap.newKeySet();
  private boolean shortWrites;
  private boolean locks = true;

  private FaultyFileSystem(FileSystem delegate) {
    this.delegate = delegate;
    this.provider = new FaultyProvider(this, delegate.provider());
  }

  /** Returns an empty file system that does not fail. */
  public static FaultyFileSystem create() {
    return new FaultyFileSystem(
        Jimfs.newFileSystem(Configuration.unix().toBuilder().setWorkingDirectory("/").build()));
  }

  /** Lets the n-th operation of a kind fail from now on, n from 1; 0 for none. */
  public void failAt(Operation operation, int number) {
    faults.failAt(operation, number);
  }

  /** Turns the power off at the n-th operation from now on: this one and all later ones fail. */
  public void powerOffAt(int number) {
    faults.powerOffAt(number);
  }

  /** Returns whether {@link #powerOffAt} has come. */
  public boolean isOff() {
    return faults.off();
  }

  /** Returns the operations since the last {@link #powerOffAt}. */
  public int operations() {
    return faults.total();
  }

  /** Returns the operations of a kind since the last {@link #failAt}. */
  public int count(Operation operation) {
    return faults.count(operation);
  }

  /** Lets each write take one byte of several. */
  public void writeShort() {
    shortWrites = true;
  }

  /** Lets every lock fail as a network file system without locks does. */
  public void withoutLocks() {
    locks = false;
  }

  /** Returns what is found after a loss of power, with the names of all files. */
  public FaultyFileSystem afterCrashWithNames() throws IOException {
    return afterCrash(Disk.Loss.CONTENTS);
  }

  /** Returns what is found after a loss of power, with nothing that was not forced. */
  public FaultyFileSystem afterCrash() throws IOException {
    return afterCrash(Disk.Loss.ALL);
  }

  private FaultyFileSystem afterCrash(Disk.Loss loss) throws IOException {
    FaultyFileSystem found = create();
    disk.restore(found.delegate.getPath("/"), loss);
    found.disk.adopt(found.delegate.getPath("/"));
    return found;
  }

  /** Fails if a file or the stream of a directory is open, with the place that opened it. */
  public void assertAllClosed() {
    if (!open.isEmpty()) {
      AssertionError error = new AssertionError(open.size() + " files are open");
      open.forEach(error::addSuppressed);
      throw error;
    }
  }

  /** A channel for a directory, which has no contents of its own. */
  FileChannel emptyChannel() throws IOException {
    return FileChannel.open(
        scratch.getPath("/empty"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  Faults faults() {
    return faults;
  }

  Disk disk() {
    return disk;
  }

  Set<Throwable> openFiles() {
    return open;
  }

  boolean writesShort() {
    return shortWrites;
  }

  boolean hasLocks() {
    return locks;
  }

  Path wrap(Path path) {
    return path == null ? null : FaultyPath.of(this, path);
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() throws IOException {
    scratch.close();
    delegate.close();
  }

  @Override
  public boolean isOpen() {
    return delegate.isOpen();
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return delegate.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return StreamSupport.stream(delegate.getRootDirectories().spliterator(), false)
        .map(this::wrap)
        .toList();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return delegate.getFileStores();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return delegate.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return wrap(delegate.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = delegate.getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(FaultyPath.unwrap(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return delegate.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("watching");
  }
}
