# edgeproof_version: what include/edgeproof/version.h says, which is the one place that says it.
set(header ${CMAKE_CURRENT_LIST_DIR}/../include/edgeproof/version.h)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
file(STRINGS ${header} lines REGEX "^#define EDGEPROOF_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$")
string(REGEX MATCHALL "[0-9]+" edgeproof_version "${lines}")
list(JOIN edgeproof_version "." edgeproof_version)
if(NOT edgeproof_version MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+$")
  message(FATAL_ERROR "${header} has no three numbers of a version, but '${edgeproof_version}'")
endif()
