# The client library, static and shared, with its headers, for cmake --install, find_package(Barnabas) and pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# One set of objects for both.
set(barnabas_library_objects)
foreach(room ${BARNABAS_LIBRARY_ROOMS})
  list(APPEND barnabas_library_objects $<TARGET_OBJECTS:barnabas_${room}>)
endforeach()
# What it stands on, all of Debian.
set(barnabas_library_needs -lfmt -lspdlog -lisal -lzstd -llz4 -lsnappy -lz -lssl -lcrypto -lboost_json -lpthread)

add_library(barnabas_static STATIC ${barnabas_library_objects})
target_link_libraries(barnabas_static INTERFACE ${barnabas_library_needs})
set_target_properties(barnabas_static PROPERTIES EXPORT_NAME static)

set(barnabas_library_exports ${CMAKE_CURRENT_LIST_DIR}/package/exports.map)
add_library(barnabas_shared SHARED ${barnabas_library_objects})
target_link_libraries(barnabas_shared PRIVATE ${barnabas_library_needs})
target_link_options(barnabas_shared PRIVATE -Wl,--version-script=${barnabas_library_exports})
set_target_properties(barnabas_shared PROPERTIES
  EXPORT_NAME shared LINK_DEPENDS ${barnabas_library_exports}
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

foreach(kind static shared)
  set_target_properties(barnabas_${kind} PROPERTIES OUTPUT_NAME barnabas LINKER_LANGUAGE CXX)
  target_compile_features(barnabas_${kind} INTERFACE cxx_std_20)
endforeach()

list(JOIN barnabas_library_needs " " BARNABAS_LIBRARY_NEEDS)
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/barnabas.pc.in barnabas.pc @ONLY)
set(barnabas_package ${CMAKE_INSTALL_LIBDIR}/cmake/Barnabas)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/package/BarnabasConfig.cmake.in BarnabasConfig.cmake
                              INSTALL_DESTINATION ${barnabas_package})
write_basic_package_version_file(BarnabasConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS barnabas_static barnabas_shared EXPORT Barnabas
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT Barnabas NAMESPACE Barnabas:: FILE BarnabasTargets.cmake DESTINATION ${barnabas_package})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/barnabas DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_BINARY_DIR}/BarnabasConfig.cmake ${CMAKE_BINARY_DIR}/BarnabasConfigVersion.cmake
        DESTINATION ${barnabas_package})
install(FILES ${CMAKE_BINARY_DIR}/barnabas.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
