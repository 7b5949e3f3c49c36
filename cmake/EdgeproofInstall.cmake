# What `cmake --install` puts where. Component `library`: libedgeproof with its headers, CMake package and
# pkg-config file. Component `program`, installed in src/cli: the program.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/edgeproof)
install(TARGETS edgeproof_library EXPORT edgeproof-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/edgeproof DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT library FILES_MATCHING PATTERN "*.h")
install(EXPORT edgeproof-targets NAMESPACE edgeproof:: DESTINATION ${package_dir} COMPONENT library)

set(library_is_static TRUE)
if(BUILD_SHARED_LIBS)
  set(library_is_static FALSE)
endif()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/edgeproof-config.cmake.in
                              ${CMAKE_CURRENT_BINARY_DIR}/edgeproof-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/edgeproof-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/edgeproof-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/edgeproof-config-version.cmake
        DESTINATION ${package_dir} COMPONENT library)

file(RELATIVE_PATH pc_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
# pkg-config knows no archives: what one stands on is what whoever links it must name.
set(pc_requires "")
set(pc_libraries "")
if(library_is_static)
  set(pc_requires "fmt, libhwy, tbb, libcrypto, protobuf")
  set(pc_libraries "-lonnx -lonnx_proto -lstdc++ -lm")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/edgeproof.pc.in ${CMAKE_CURRENT_BINARY_DIR}/edgeproof.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/edgeproof.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT library)
