# Runs tools/generate over schema/ when the tables or the generator changed. The generated files are laid out
# like src/ (base/error_code.h, protocol/messages/...), so one include root serves both.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(BARNABAS_GENERATED ${CMAKE_BINARY_DIR}/generated)
file(GLOB_RECURSE barnabas_schema CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schema/*)
file(GLOB_RECURSE barnabas_generator CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/generate/*.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${barnabas_schema} ${barnabas_generator})
execute_process(
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/generate/generate.py
          ${CMAKE_SOURCE_DIR}/schema ${BARNABAS_GENERATED}
  COMMAND_ERROR_IS_FATAL ANY)
