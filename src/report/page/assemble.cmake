# cmake -D output=page.cpp -D charts=ON|OFF -D node_modules=DIR -P assemble.cmake
#
# Puts the page's style, the charting libraries and the page's modules into page.html, and the whole into
# a C++ source as one raw string literal. A module's `import` lines (one line each) and the word `export`
# are dropped and the modules joined, each after those it imports, into a single module: top-level
# names are therefore unique over all of page/. Without charts there are no libraries, and chart.js says so.

cmake_minimum_required(VERSION 3.25)

set(modules
    data dom format table theme palette variant_filter chart heatmap
    header summary_table claims severity_curves cost_scatter search breaking_points fault_heatmap confusion clip_rates diagnosis
    small_tables trainings progress provenance main)

file(READ ${CMAKE_CURRENT_LIST_DIR}/page.html page)
file(READ ${CMAKE_CURRENT_LIST_DIR}/page.css style)

set(libraries "")
set(lacking "the report has its tables but no charts: run `npm ci` in the sources of edgeproof and build again")
set(chart_libraries "")
if(charts)
  set(lacking "")
  set(chart_libraries vega vega-lite vega-embed)
endif()
foreach(library ${chart_libraries})
  file(READ ${node_modules}/${library}/build/${library}.min.js code)
  file(READ ${node_modules}/${library}/LICENSE license)
  string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" code "${code}")
  string(APPEND libraries "/* ${library}\n${license}*/\n${code}\n")
endforeach()

set(script "")
foreach(module ${modules})
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${module}.js code)
  string(PREPEND code "\n")
  string(REGEX REPLACE "\nimport [^\n]*" "" code "${code}")
  string(REGEX REPLACE "\nexport " "\n" code "${code}")
  string(APPEND script "${code}")
endforeach()

foreach(part style libraries script)
  if("${${part}}" MATCHES "</[sS][cCtT]|<!--")
    message(FATAL_ERROR "the report page's ${part} would end its own element: '${CMAKE_MATCH_0}'")
  endif()
  string(REPLACE "@EDGEPROOF_${part}@" "${${part}}" page "${page}")
endforeach()

string(REGEX MATCHALL "@EDGEPROOF_[A-Za-z]+@" markers "${page}")
if(NOT markers STREQUAL "@EDGEPROOF_DATA@" OR page MATCHES "\\)page\"")
  message(FATAL_ERROR "page.html must have the marker @EDGEPROOF_DATA@ once and no other, and has: ${markers}")
endif()
file(WRITE ${output} "#include \"report/page.h\"\n\nnamespace edgeproof::report {\n\n"
                     "std::string_view page_html() { return R\"page(${page})page\"; }\n"
                     "std::string_view page_lacks() { return \"${lacking}\"; }\n\n"
                     "}  // namespace edgeproof::report\n")
