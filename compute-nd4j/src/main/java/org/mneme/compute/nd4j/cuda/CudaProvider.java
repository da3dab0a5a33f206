// SPDX-License-Identifier: Apache-2.0
package org.mneme.compute.nd4j.cuda;

import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.mneme.compute.ComputeProvider;
import org.mneme.compute.Device;
import org.mneme.compute.DeviceStatus;
import org.mneme.compute.UserException;
import org.mneme.compute.nd4j.cuda.driver.CudaException;
import org.mneme.compute.nd4j.cuda.driver.CudaLibraries;
import org.mneme.compute.nd4j.cuda.driver.NativeCudaSystem;

/** Offers NVIDIA GPUs as the devices {@code cuda:0}, {@code cuda:1}, …. */
public final class CudaProvider implements ComputeProvider {
  static final String ID = "cuda";

  private static final String PREFIX = ID + ":";

  /** The id of a GPU by the driver's count. */
  static String deviceId(int ordinal) {
    return PREFIX + ordinal;
  }

  @Override
  public String id() {
    return ID;
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public List<DeviceStatus> probe() {
    ClassLoader loader = CudaProvider.class.getClassLoader();
    if (loader.getResource("org/bytedeco/javacpp/Loader.class") == null) {
      return List.of(
          DeviceStatus.unavailable(
              deviceId(0), "JavaCPP is not on the class path; add org.bytedeco:javacpp"));
    }
    return ofThisMachine(loader).devices();
  }

  static CudaProbe ofThisMachine(ClassLoader loader) {
    String platform = Loader.getPlatform();
    return new CudaProbe(
        name -> loader.getResource(name) != null,
        platform,
        CudaLibraries.ofThisMachine(platform),
        new NativeCudaSystem());
  }

  @Override
  public Device open(String deviceId) {
    DeviceStatus status =
        probe().stream()
            .filter(found -> found.deviceId().equals(deviceId))
            .findFirst()
            .orElseThrow(
                () ->
                    new UserException(
                        "provider " + ID + " has no device '" + deviceId + "'; it has " + probe()));
    if (!status.available()) {
      throw cannotOpen(deviceId, status.detail(), null);
    }
    try {
      Nd4jCudaBackend.passOverIfUnusable();
      ofThisMachine(CudaProvider.class.getClassLoader()).loadAll();
      return CudaDevice.open(Integer.parseInt(deviceId.substring(PREFIX.length())));
    } catch (LinkageError | CudaException e) {
      throw cannotOpen(deviceId, e.getMessage(), e);
    }
  }

  private static UserException cannotOpen(String deviceId, String reason, Throwable cause) {
    return new UserException("device '" + deviceId + "' cannot be opened: " + reason, cause);
  }
}
