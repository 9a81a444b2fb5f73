# One folder of src/ is one part and one library. `USES` names the parts and libraries that it may include; a part
# that is not named cannot be linked, so the direction of dependencies is checked by every build. `PROFILED` is a part that
# every call passes through (Profile.cmake).
function(dialhook_part name)
  cmake_parse_arguments(PART "PROFILED" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(dialhook_${name} STATIC ${PART_SOURCES})
  target_include_directories(dialhook_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(dialhook_${name} PUBLIC dialhook_options ${PART_USES} PRIVATE ${PART_PRIVATE})
  if(PART_PROFILED)
    dialhook_profile(dialhook_${name})
  endif()
endfunction()

# All unit tests, for scripts/test --unit.
add_custom_target(unit-tests)

# The unit tests of one part: one program, one CTest entry for each case.
function(dialhook_unit_tests name)
  cmake_parse_arguments(TESTS "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name}_test ${TESTS_SOURCES})
  target_link_libraries(${name}_test PRIVATE dialhook_options ${TESTS_USES} GTest::gmock GTest::gtest_main)
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  add_dependencies(unit-tests ${name}_test)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
