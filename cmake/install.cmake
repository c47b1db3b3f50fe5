# The client library as one archive with its headers, for cmake --install, find_package(Barnabas) and pkg-config.
include(GNUInstallDirs)

# The room client and those below it.
set(barnabas_library_rooms base runtime protocol security network record rpc client)
set(barnabas_library_objects)
foreach(room ${barnabas_library_rooms})
  list(APPEND barnabas_library_objects $<TARGET_OBJECTS:barnabas_${room}>)
endforeach()
add_library(barnabas_library STATIC ${barnabas_library_objects})
set_target_properties(barnabas_library PROPERTIES OUTPUT_NAME barnabas LINKER_LANGUAGE CXX)

# What a program that links it links beside it: -l names, all of Debian.
set(BARNABAS_LIBRARY_NEEDS fmt spdlog isal zstd lz4 snappy z ssl crypto pthread)
list(TRANSFORM BARNABAS_LIBRARY_NEEDS PREPEND -l OUTPUT_VARIABLE BARNABAS_LIBRARY_FLAGS)
list(JOIN BARNABAS_LIBRARY_FLAGS " " BARNABAS_LIBRARY_FLAGS)
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/BarnabasConfig.cmake.in BarnabasConfig.cmake @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/barnabas.pc.in barnabas.pc @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(BarnabasConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS barnabas_library ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/barnabas DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_BINARY_DIR}/BarnabasConfig.cmake ${CMAKE_BINARY_DIR}/BarnabasConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Barnabas)
install(FILES ${CMAKE_BINARY_DIR}/barnabas.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
