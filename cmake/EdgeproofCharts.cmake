# The report page's chart library: three files, which are put into the page when it is built.
#
# EDGEPROOF_VEGA=DIR gives them: DIR/vega.min.js, vega-lite.min.js and vega-embed.min.js, or the packages' own
# layout, DIR/vega/build/vega.min.js and so on (a node_modules folder is one). Otherwise they are fetched once
# for each build folder, from npm's registry or the mirror that the environment's npm_config_registry names, and
# checked against the hashes below. npm itself is not needed. Where they cannot be had, edgeproof_chart_files is empty, reports have their tables alone, and
# the message of configuring and the report say so.

set(EDGEPROOF_VEGA "" CACHE PATH "Folder with vega.min.js, vega-lite.min.js and vega-embed.min.js; empty: fetch them")

# SHA-512 of the packages as npm's registry has them.
set(vega_version 6.2.0)
set(vega_hash 048c1a9487041b2b097500e37955263160777b9d233c334031f2c9b1c8c4be9ba753d6d2b7b5f53989d0c64837b81c2e4512389d67c564ef6e216f75d272de1b)
set(vega-lite_version 6.4.1)
set(vega-lite_hash 28edf26c7368b912b80346a5ffed9f37d52a81311fc6b77f9ed18b63ddf71e0e54398a2d0d541db21477ce7ece7d7c10eee8f45bde957dae51f90c4ef1a9b721)
set(vega-embed_version 7.1.0)
set(vega-embed_hash 6661089f95c9ad0b7b7d2876970b527571bff6e7f7c88a999ef5c5130049469a62060ac45997196e3e952b7c67f2c353150fac4035d6e6c97fea499b016dece4)

# Sets `file` to the library's script in the folder that was given.
function(edgeproof_given_chart_file library file)
  foreach(candidate ${EDGEPROOF_VEGA}/${library}.min.js ${EDGEPROOF_VEGA}/${library}/build/${library}.min.js)
    if(EXISTS ${candidate})
      set(${file} ${candidate} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "EDGEPROOF_VEGA=${EDGEPROOF_VEGA} has neither ${library}.min.js nor "
                      "${library}/build/${library}.min.js: give the folder that has them (${library} "
                      "${${library}_version}), or leave it empty to have them fetched")
endfunction()

# Sets `file` to the library's script, fetched where it is not there yet, or to nothing.
function(edgeproof_fetched_chart_file library file)
  set(folder ${PROJECT_BINARY_DIR}/charts/${library}-${${library}_version})
  set(${file} "" PARENT_SCOPE)
  if(NOT EXISTS ${folder}/package/build/${library}.min.js)
    set(registry $ENV{npm_config_registry})
    if(NOT registry)
      set(registry https://registry.npmjs.org)
    endif()
    string(REGEX REPLACE "/$" "" registry ${registry})
    set(url ${registry}/${library}/-/${library}-${${library}_version}.tgz)
    set(archive ${folder}.tgz)
    file(DOWNLOAD ${url} ${archive} STATUS status INACTIVITY_TIMEOUT 20 TIMEOUT 120)
    list(GET status 0 code)
    list(GET status 1 reason)
    if(NOT code EQUAL 0)
      file(REMOVE ${archive})
      message(STATUS "${url}: ${reason}")
      return()
    endif()
    file(SHA512 ${archive} hash)
    if(NOT hash STREQUAL ${library}_hash)
      file(REMOVE ${archive})
      message(WARNING "${url} is not ${library} ${${library}_version}: its SHA-512 is ${hash}, expected "
                      "${${library}_hash}; it is not used")
      return()
    endif()
    file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${folder}.partial
         PATTERNS package/build/${library}.min.js package/LICENSE)
    file(RENAME ${folder}.partial ${folder})  # whole or not there, whenever configuring is interrupted
    file(REMOVE ${archive})
  endif()
  set(${file} ${folder}/package/build/${library}.min.js PARENT_SCOPE)
endfunction()

set(edgeproof_chart_files "")
if(EDGEPROOF_CHARTS)
  foreach(library vega vega-lite vega-embed)
    if(EDGEPROOF_VEGA)
      edgeproof_given_chart_file(${library} script)
    else()
      edgeproof_fetched_chart_file(${library} script)
    endif()
    if(NOT script)
      set(edgeproof_chart_files "")
      message(STATUS "Reports without charts: ${library} could not be fetched. Configure again with a network, or "
                     "with -D EDGEPROOF_VEGA=DIR, a folder with vega.min.js, vega-lite.min.js and vega-embed.min.js")
      break()
    endif()
    list(APPEND edgeproof_chart_files ${script})
  endforeach()
endif()
