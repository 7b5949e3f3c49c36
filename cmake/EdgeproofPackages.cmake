# What `cpack --config build/release/CPackConfig.cmake -B build/packages` makes: a .deb of each component. A
# plug-in's package is called as core/plugin.cpp says that it is: edgeproof-NAME.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_CONTACT "edgeproof developers <edgeproof@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENTS_ALL "")

# edgeproof_package(COMPONENT PACKAGE DESCRIPTION DEPENDS)
macro(edgeproof_package component package description depends)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${description}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
endmacro()

set(same_version "edgeproof (= ${PROJECT_VERSION})")
edgeproof_package(program edgeproof
                  "robust compression of sensor models
 Quantizes and prunes small networks for sensor data, injects sensor faults, and measures what each
 deployed integer program still gets right. Training needs edgeproof-train." "")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "edgeproof-download, edgeproof-matlab")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "edgeproof-train, edgeproof-mpi")
edgeproof_package(matlab edgeproof-matlab "edgeproof's reader of MATLAB files" "${same_version}")
edgeproof_package(download edgeproof-download "edgeproof's downloads of published data sets" "${same_version}")
if(EDGEPROOF_TRAIN)
  edgeproof_package(train edgeproof-train "training for edgeproof, by LibTorch" "${same_version}")
endif()
if(EDGEPROOF_MPI)
  edgeproof_package(mpi edgeproof-mpi "edgeproof's studies on several machines, by Open MPI" "${same_version}")
endif()
edgeproof_package(
  library libedgeproof-dev "headers and library of edgeproof for other programs"
  "libfmt-dev, libhwy-dev, libonnx-dev, libprotobuf-dev, libssl-dev, libtbb-dev, pkg-config")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
include(CPack)
