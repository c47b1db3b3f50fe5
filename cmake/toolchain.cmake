# Compiler flags, ccache, the precompiled header, and the libraries of Debian that rooms link.
find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header is cached only when its time stamps are not looked at.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1 ${CCACHE})
endif()
add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers
  -Wno-missing-designated-field-initializers -fno-omit-frame-pointer -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=
  "SHELL:-Xclang -fno-pch-timestamp")
# Messages and functions that nobody uses are left out of the programs.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-fuse-ld=lld -Wl,--gc-sections)
if(BARNABAS_SANITIZE)
  add_compile_options(-fsanitize=${BARNABAS_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BARNABAS_SANITIZE})
endif()
if(BARNABAS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
if(BARNABAS_TESTS)
  find_package(GTest REQUIRED)
endif()

# What a room links beside the rooms below it.
set(BARNABAS_LIBS_base fmt::fmt spdlog::spdlog isal)
set(BARNABAS_LIBS_runtime Threads::Threads)
set(BARNABAS_LIBS_record zstd lz4 snappy ZLIB::ZLIB)
set(BARNABAS_LIBS_storage ZLIB::ZLIB)
set(BARNABAS_LIBS_client ZLIB::ZLIB Boost::json)
set(BARNABAS_LIBS_security OpenSSL::SSL OpenSSL::Crypto)
set(BARNABAS_LIBS_network OpenSSL::SSL OpenSSL::Crypto)
set(BARNABAS_LIBS_metastore SQLite::SQLite3)
set(BARNABAS_LIBS_cluster Boost::json)
