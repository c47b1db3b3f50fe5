# Precompiled headers that ccache can use in every clone. CMake's own carry the clone's path in their bytes and in
# the command line, so that nothing compiled with them is found again elsewhere. Here the command line has a path
# relative to the build folder, and beside each <name>.pch lies <name>.pch.sum, which ccache (pch_external_checksum)
# takes for its content: a hash of the flags and of the preprocessed text.

# The flags that a precompiled header and its users must share.
function(barnabas_shared_flags result)
  string(TOUPPER ${CMAKE_BUILD_TYPE} type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  get_directory_property(options DIRECTORY ${CMAKE_SOURCE_DIR} COMPILE_OPTIONS)
  foreach(option ${options})
    string(REGEX REPLACE "^SHELL:" "" option "${option}")
    separate_arguments(option UNIX_COMMAND "${option}")
    list(APPEND flags ${option})
  endforeach()
  set(${result} ${flags} ${CMAKE_CXX${CMAKE_CXX_STANDARD}_STANDARD_COMPILE_OPTION} PARENT_SCOPE)
endfunction()

# barnabas_precompile(NAME LIBRARY HEADER...): a target barnabas_NAME_pch that makes pch/NAME.pch out of the headers,
# each as it stands behind #include, with the options that users of the library get ("" for none).
function(barnabas_precompile name library)
  set(text "")
  foreach(header ${ARGN})
    string(APPEND text "#include ${header}\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch/${name}.h CONTENT "${text}")
  barnabas_shared_flags(flags)
  if(library)
    get_target_property(options ${library} INTERFACE_COMPILE_OPTIONS)
    list(APPEND flags ${options})
  endif()
  set(compile ${CMAKE_CXX_COMPILER} ${flags} -I${CMAKE_SOURCE_DIR}/src -x c++-header pch/${name}.h)
  string(REPLACE "${CMAKE_SOURCE_DIR}" "" flags_anywhere "${flags}")
  string(SHA256 flags_hash "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} ${flags_anywhere}")
  add_custom_command(OUTPUT pch/${name}.pch pch/${name}.pch.sum
    COMMAND ${compile} -o pch/${name}.pch -MD -MT pch/${name}.pch -MF pch/${name}.pch.d
    COMMAND ${compile} -E -P -o pch/${name}.ii
    COMMAND ${CMAKE_COMMAND} -E echo ${flags_hash} >> pch/${name}.ii
    COMMAND ${CMAKE_COMMAND} -E chdir pch ${CMAKE_COMMAND} -E sha256sum ${name}.ii > pch/${name}.pch.sum
    COMMAND ${CMAKE_COMMAND} -E rm pch/${name}.ii
    DEPFILE pch/${name}.pch.d
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM
    COMMENT "Precompiling ${name}")
  add_custom_target(barnabas_${name}_pch DEPENDS ${CMAKE_BINARY_DIR}/pch/${name}.pch)
endfunction()

function(barnabas_use_precompiled target name)
  add_dependencies(${target} barnabas_${name}_pch)
  target_compile_options(${target} PRIVATE -Winvalid-pch "SHELL:-include-pch pch/${name}.pch")
endfunction()
