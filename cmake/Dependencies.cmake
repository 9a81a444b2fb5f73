# All of them are Debian 12 packages; scripts/install-dependencies names them.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)

add_library(dialhook_asio INTERFACE)
target_link_libraries(dialhook_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
# Without its streams and its Boost.Date_Time timers Asio's headers compile a fifth faster.
target_compile_definitions(dialhook_asio INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_NO_IOSTREAM BOOST_ASIO_DISABLE_BOOST_DATE_TIME)
# Memory for coroutine frames comes from operator new, and not from aligned_alloc, a slow path of the C library: frames need
# no more alignment than new gives. Asio's own store would be searched first each time, and is too small for a turn of the
# event loop that ends dozens of calls.
target_compile_definitions(dialhook_asio INTERFACE
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=1 BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)

# The library as Debian has compiled it: a file that uses it compiles in an eighth of the time. Sanitizers have to see
# which thread hands what to which, so there its source is compiled with ours.
add_library(dialhook_spdlog INTERFACE)
if(DIALHOOK_SANITIZE)
  target_link_libraries(dialhook_spdlog INTERFACE spdlog::spdlog_header_only)
else()
  target_link_libraries(dialhook_spdlog INTERFACE spdlog::spdlog)
endif()

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(DIALHOOK_BENCH)
  find_package(benchmark) # not REQUIRED: scripts/bench and CI install it, a first build does without
endif()
