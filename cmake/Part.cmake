# One folder of src/ is one part and one library. `USES` names the parts and libraries that it may include; a part
# that is not named cannot be linked, so the direction of dependencies is checked by every build. `PROFILED` is a part that
# every call passes through (Profile.cmake).
function(dialhook_part name)
  cmake_parse_arguments(PART "PROFILED" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(dialhook_${name} STATIC ${PART_SOURCES})
  target_include_directories(dialhook_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(dialhook_${name} PUBLIC dialhook_options ${PART_USES} PRIVATE ${PART_PRIVATE})
  dialhook_compile_together(dialhook_${name})
  if(PART_PROFILED)
    dialhook_profile(dialhook_${name})
  elseif(DIALHOOK_UNITY)
    target_compile_options(dialhook_${name} PRIVATE -O2)
  endif()
endfunction()

# A dozen files of a target become one compilation, which takes a quarter of the time: they share the headers. For a clean
# build; who edits a file has a preset that compiles it alone. What no call passes through is compiled with -O2, which
# takes 0.2 MB off the program.
option(DIALHOOK_UNITY "Compile the files of a part together: a faster clean build of a smaller program" OFF)
# GCC takes the files of one compilation for headers, and one file's names for the other's. A library, since what is linked
# last has its options last.
add_library(dialhook_together INTERFACE)
target_compile_options(dialhook_together INTERFACE -Wno-shadow -Wno-subobject-linkage)
function(dialhook_compile_together target)
  if(DIALHOOK_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    target_link_libraries(${target} PRIVATE dialhook_together)
  endif()
endfunction()

# All unit tests, for scripts/test --unit.
add_custom_target(unit-tests)

# The unit tests of one part: one program, one CTest entry for each case, and one for all of them in one process, which is what
# scripts/test --unit runs: to begin a process for each case takes longer than the cases.
# `PURE`: the part has no threads, so that ThreadSanitizer has nothing to find in it. `SLOW`: patterns of cases that take seconds;
# scripts/test --unit leaves them to scripts/test.
function(dialhook_unit_tests name)
  cmake_parse_arguments(TESTS "PURE" "" "SOURCES;USES;SLOW" ${ARGN})
  if(TESTS_PURE AND DIALHOOK_SANITIZE STREQUAL "thread")
    return()
  endif()
  add_executable(${name}_test ${TESTS_SOURCES})
  target_link_libraries(${name}_test PRIVATE dialhook_options ${TESTS_USES} GTest::gmock GTest::gtest_main)
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  add_dependencies(unit-tests ${name}_test)
  math(EXPR limit "120 * ${longer}") # tests/CMakeLists.txt
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT ${limit} PROPERTIES LABELS unit TIMEOUT ${limit})
  list(JOIN TESTS_SLOW : slow)
  add_test(NAME unit.${name} COMMAND ${name}_test --gtest_brief=1 --gtest_filter=-${slow} CONFIGURATIONS Parts)
  set_tests_properties(unit.${name} PROPERTIES LABELS part TIMEOUT ${limit})
endfunction()
