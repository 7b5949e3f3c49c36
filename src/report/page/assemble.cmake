# cmake -D output=page.cpp -D charts="FILE;…" -P assemble.cmake
#
# Puts the page's style, the charting libraries and the page's modules into page.html, and the whole into
# a C++ source as one raw string literal. A module's `import` lines (one line each) and the word `export`
# are dropped and the modules joined, each after those it imports, into a single module: top-level
# names are therefore unique over all of page/. `charts` are the chart library's scripts, in the order in which
# they are loaded; without them chart.js says what is missing.

cmake_minimum_required(VERSION 3.25)

set(modules
    data dom format table theme palette variant_filter chart heatmap
    header summary_table claims severity_curves cost_scatter search breaking_points fault_heatmap confusion clip_rates diagnosis
    small_tables trainings progress provenance main)

file(READ ${CMAKE_CURRENT_LIST_DIR}/page.html page)
file(READ ${CMAKE_CURRENT_LIST_DIR}/page.css style)

set(lacking "")
if(NOT charts)
  set(lacking "the report has its tables but no charts: this edgeproof was built without the chart library \
(configure with -D EDGEPROOF_VEGA=DIR, or with a network, and build again)")
endif()
set(libraries "")
foreach(file ${charts})
  file(READ ${file} code)
  string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" code "${code}")
  get_filename_component(name ${file} NAME)
  set(license "")
  if(file MATCHES "^(.*/(package|vega|vega-lite|vega-embed))/build/[^/]*$")
    file(READ ${CMAKE_MATCH_1}/LICENSE license)  # of the package; above a lone file there may be any other
  endif()
  string(APPEND libraries "/* ${name}\n${license}*/\n${code}\n")
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
