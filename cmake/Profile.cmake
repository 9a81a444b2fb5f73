# Profile-guided optimisation, in two builds by the same compiler: one that counts how often each branch is taken while
# bench/train.py runs it, and one that is compiled with those counts. scripts/build-trained does both. Only the parts that
# every call passes through are counted (PROFILED in Part.cmake); the others are compiled as in any release.
set(DIALHOOK_PROFILE "" CACHE STRING "record: count while the program runs; use: compile with those counts; empty: neither")
set_property(CACHE DIALHOOK_PROFILE PROPERTY STRINGS "" record use)
set(DIALHOOK_PROFILE_FOLDER ${CMAKE_SOURCE_DIR}/build/recording/profile CACHE PATH "Where the counts are")
set(profile_stamp ${DIALHOOK_PROFILE_FOLDER}/complete) # later counts, another build

if(NOT DIALHOOK_PROFILE MATCHES "^(record|use|)$")
  message(FATAL_ERROR "DIALHOOK_PROFILE is '${DIALHOOK_PROFILE}': it may be record, use or empty")
elseif(DIALHOOK_PROFILE AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  message(FATAL_ERROR "DIALHOOK_PROFILE needs GCC, and this is ${CMAKE_CXX_COMPILER_ID}: build the preset release instead")
elseif(DIALHOOK_PROFILE STREQUAL "use" AND NOT EXISTS ${profile_stamp})
  message(FATAL_ERROR "There are no counts in ${DIALHOOK_PROFILE_FOLDER}: scripts/build-trained takes them")
elseif(DIALHOOK_PROFILE STREQUAL "use")
  # A dependency of the sources would not reach the files that CMake compiles together.
  file(TIMESTAMP ${profile_stamp} profile_time %s)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile_stamp})
endif()

# The names of the counts are those of the objects below the build folder, which both builds have in common.
set(profile_options -fprofile-prefix-path=${CMAKE_BINARY_DIR})
if(DIALHOOK_PROFILE STREQUAL "record")
  list(APPEND profile_options -fprofile-generate=${DIALHOOK_PROFILE_FOLDER} -fprofile-update=prefer-atomic)
elseif(DIALHOOK_PROFILE STREQUAL "use")
  # What the training never met is compiled as if there were no counts, not as if it never happened.
  list(APPEND profile_options -fprofile-use=${DIALHOOK_PROFILE_FOLDER} -fprofile-partial-training -fprofile-correction)
endif()

function(dialhook_profile target)
  if(DIALHOOK_PROFILE)
    target_compile_options(${target} PRIVATE ${profile_options})
    set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "") # ccache does not look for the counts where they are
  endif()
  if(DIALHOOK_PROFILE STREQUAL "record")
    target_link_options(${target} INTERFACE -fprofile-generate)
  elseif(DIALHOOK_PROFILE STREQUAL "use")
    target_compile_definitions(${target} PRIVATE DIALHOOK_COUNTS_OF=${profile_time})
  endif()
endfunction()
