# What every target is compiled with.
add_library(dialhook_options INTERFACE)
target_compile_options(dialhook_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wformat=2 -Wnull-dereference -Wimplicit-fallthrough -Wextra-semi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports both in correct coroutine frames and inlined standard strings (GCC bugs 105593, 105329).
  target_compile_options(dialhook_options INTERFACE -Wno-null-dereference -Wno-restrict)
endif()
if(DIALHOOK_WARNINGS_AS_ERRORS)
  target_compile_options(dialhook_options INTERFACE -Werror)
endif()

# A release has the paths of the sources below their folder alone, wherever it was built. Not -ffile-prefix-map: that would
# rename the files of counts as well (Profile.cmake).
target_compile_options(dialhook_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:
  -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/= -fdebug-prefix-map=${CMAKE_SOURCE_DIR}/=>)

# Hardening, as Debian builds its own daemons: position-independent programs, guarded stacks, checked string functions,
# everything relocated before main() and read-only from then on. scripts/check-install looks for the results.
target_compile_options(dialhook_options INTERFACE -fPIE -fstack-protector-strong -fstack-clash-protection)
# Marks what an indirect branch may lead to (endbr64). The start-up objects and the C library of Debian 12 are not noted as
# marked (IBT, SHSTK), so the linked program is not either, and the processor does not enforce it. The marks do nothing then
# (they are 2 % of a decision's instructions), and are there for a platform that does.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-fcf-protection=full DIALHOOK_HAS_CF_PROTECTION)
if(DIALHOOK_HAS_CF_PROTECTION)
  target_compile_options(dialhook_options INTERFACE -fcf-protection=full)
endif()
# The like on arm64: such marks (bti), and return addresses that are signed and checked (paciasp, autiasp), which needs no mark of other
# objects and holds on any processor that has it (ARMv8.3). On others the instructions do nothing.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  target_compile_options(dialhook_options INTERFACE -mbranch-protection=standard)
endif()
target_link_options(dialhook_options INTERFACE -pie -Wl,-z,relro,-z,now)

if(DIALHOOK_SANITIZE)
  target_compile_options(dialhook_options INTERFACE
    -fsanitize=${DIALHOOK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(dialhook_options INTERFACE -fsanitize=${DIALHOOK_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Clang 14 cannot compile this one check in coroutines: "Cannot represent a difference across sections" (LLVM issue 49689).
    target_compile_options(dialhook_options INTERFACE -fno-sanitize=function)
  endif()
else()
  # Needs an optimiser, and hides from the sanitizers what they would see.
  target_compile_definitions(dialhook_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
# The standard library's cheap checks: an index out of bounds, an empty optional.
target_compile_definitions(dialhook_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
