// SPDX-License-Identifier: Apache-2.0
package org.mneme.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The map of the rooms: what may use what. */
@AnalyzeClasses(packages = "org.mneme", importOptions = ArchitectureTest.MainClasses.class)
class ArchitectureTest {

  /** What the rooms ship: no test classes, neither in a folder nor in the test-jar of the kit. */
  static final class MainClasses implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return new DoNotIncludeTests().includes(location)
          && !location.contains("/compute/conformance/")
          && !location.contains("/compute/testing/");
    }
  }

  private static final String SPI = "org.mneme.compute";
  private static final String SPI_KERNELS = "org.mneme.compute.kernels..";
  private static final String SPI_SUPPORT = "org.mneme.compute.support..";
  private static final String PROVIDERS = "org.mneme.compute.nd4j..";
  private static final String CORE = "org.mneme.memory..";
  private static final String MODEL = "org.mneme.model..";
  private static final String TRAIN = "org.mneme.train..";
  private static final String EVAL = "org.mneme.eval..";
  private static final String EXAMPLES = "org.mneme.examples..";

  @ArchTest
  static final ArchRule interfaceKnowsNoOtherRoom =
      noClasses()
          .that()
          .resideInAnyPackage(SPI, SPI_KERNELS, SPI_SUPPORT)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PROVIDERS, CORE, MODEL, TRAIN, EVAL, EXAMPLES);

  @ArchTest
  static final ArchRule providersKnowTheInterfaceOnly =
      noClasses()
          .that()
          .resideInAPackage(PROVIDERS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CORE, MODEL, TRAIN, EVAL, EXAMPLES);

  @ArchTest
  static final ArchRule coreKnowsTheInterfaceOnly =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(MODEL, TRAIN, EVAL, EXAMPLES);

  @ArchTest
  static final ArchRule modelKnowsNothingAboveIt =
      noClasses()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAIN, EVAL, EXAMPLES);

  @ArchTest
  static final ArchRule trainingDoesNotKnowEvaluation =
      noClasses()
          .that()
          .resideInAPackage(TRAIN)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(EVAL, EXAMPLES);

  @ArchTest
  static final ArchRule evaluationDoesNotKnowTraining =
      noClasses()
          .that()
          .resideInAPackage(EVAL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAIN, EXAMPLES);

  @ArchTest
  static final ArchRule memoryRoomsNameNoProvider =
      noClasses()
          .that()
          .resideInAnyPackage(CORE, MODEL, TRAIN, EVAL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(PROVIDERS, "org.nd4j..", "org.bytedeco..");

  @ArchTest
  static final ArchRule onlyTheProvidersNameNativeLibraries =
      noClasses()
          .that()
          .resideOutsideOfPackages(PROVIDERS, EXAMPLES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j..", "org.bytedeco..", "jdk.incubator..");

  @ArchTest
  static final ArchRule everyClassLivesInARoom =
      classes()
          .should()
          .resideInAnyPackage(
              SPI, SPI_KERNELS, SPI_SUPPORT, PROVIDERS, CORE, MODEL, TRAIN, EVAL, EXAMPLES);

  @ArchTest
  static final ArchRule noRoomHasPackageCycles =
      slices().matching("org.mneme.(*).(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule nothingIsJavaSerialised =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveNameMatching("java\\.io\\.Object(In|Out)putStream");
}
