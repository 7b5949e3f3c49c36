# edgeproof_module(NAME DEPENDS module... LIBRARIES target... PRIVATE_LIBRARIES target... LABELS label...
#                  EXCLUDE regex LIGHT)
#
# Makes the static library edgeproof_NAME, also called edgeproof::NAME, from every .cpp below the current
# folder, and the test binary NAME_test from every *_test.cpp and *_testing.cpp (what tests share); without
# those whose path below the folder matches EXCLUDE. LIGHT modules read and write text and tables: they are
# compiled with -O1, in half the time. DEPENDS names the modules whose headers NAME may
# include: tools/check-includes reads these very lines, so that the build and the rule cannot differ.
#
# A test suite's name chooses its ctest label: *Data reads real data sets, *Slow takes more than a second
# or two, *Equivalence compares two engines; every other suite is `unit`. LABELS are added to all of them.
function(edgeproof_module name)
  cmake_parse_arguments(arg "LIGHT" "EXCLUDE" "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;LABELS" ${ARGN})

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "^${CMAKE_CURRENT_SOURCE_DIR}/(${arg_EXCLUDE})")
  endif()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|testing|plugin)\\.cpp$|/main\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_(test|testing)\\.cpp$")

  set(target edgeproof_${name})
  list(TRANSFORM arg_DEPENDS PREPEND edgeproof::)
  add_library(${target} STATIC ${sources})
  add_library(edgeproof::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${target} PUBLIC ${arg_DEPENDS} ${arg_LIBRARIES} PRIVATE ${arg_PRIVATE_LIBRARIES})
  edgeproof_warnings(${target})
  if(arg_LIGHT)
    target_compile_options(${target} PRIVATE -O1)
  endif()

  if(EDGEPROOF_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${target} ${arg_PRIVATE_LIBRARIES} GTest::gmock
                                               GTest::gtest_main rapidcheck)
    edgeproof_warnings(${name}_test)
    target_compile_options(${name}_test PRIVATE -O1)  # half the time to compile; what they test is -O3
    set(kinds "Data;Slow;Equivalence")
    set(rest "-*Data.*:*Slow.*:*Equivalence.*")
    edgeproof_discover(${name} "${rest}" unit ${arg_LABELS})
    foreach(kind ${kinds})
      string(TOLOWER ${kind} label)
      edgeproof_discover(${name} "*${kind}.*" ${label} ${arg_LABELS})
    endforeach()
  endif()
endfunction()

# edgeproof_plugin(NAME SOURCES file... LIBRARIES target...)
#
# Makes edgeproof-NAME.so (core/plugin.h) and the target edgeproof_plugin_NAME. In the build tree it is where
# the programs of that tree look for it.
function(edgeproof_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target edgeproof_plugin_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
  # Its copies of our modules are its own.
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL)
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME edgeproof-${name}
                                             LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/edgeproof)
  edgeproof_warnings(${target})
  add_dependencies(edgeproof_plugins ${target})
  install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/edgeproof COMPONENT ${name})
endfunction()

function(edgeproof_discover name filter)
  gtest_discover_tests(
    ${name}_test
    TEST_FILTER "${filter}"
    TEST_LIST ${name}_${ARGV2}_tests
    TEST_PREFIX "${name}."
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${ARGN}" TIMEOUT 900)
endfunction()

# Off: what GCC says wrongly of std::string (12: -Wrestrict, its PR 105329), with sanitizers of std::variant
# (12: -Wmaybe-uninitialized), of copied std::vectors (14: -Warray-bounds, -Wstringop-overflow), and of
# designated initializers that leave members at their defaults.
function(edgeproof_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wno-sign-conversion
                                           -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(${target} PRIVATE -Wno-restrict -Wno-maybe-uninitialized
                                             $<$<VERSION_GREATER_EQUAL:${CMAKE_CXX_COMPILER_VERSION},13>:-Wno-array-bounds>
                                             $<$<VERSION_GREATER_EQUAL:${CMAKE_CXX_COMPILER_VERSION},13>:-Wno-stringop-overflow>)
  endif()
  if(EDGEPROOF_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
