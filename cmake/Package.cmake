# The Debian package, which scripts/package builds: all that is installed, and what only a package brings.

# A commit that is not tagged as the version comes before it (~), and after those before it.
find_package(Git)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} tag --points-at HEAD OUTPUT_VARIABLE tags ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} rev-list --count HEAD
                  OUTPUT_VARIABLE commits OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} log -1 --format=%h OUTPUT_VARIABLE commit
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} log -1 --format=%cD OUTPUT_VARIABLE package_date
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
if(commits AND NOT tags MATCHES "(^|\n)v${PROJECT_VERSION}\n")
  string(APPEND CPACK_PACKAGE_VERSION "~git${commits}.${commit}")
endif()
if(NOT package_date)
  string(TIMESTAMP package_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dialhook)
set(CPACK_PACKAGE_VENDOR Dialhook)
set(CPACK_PACKAGE_CONTACT "The authors of Dialhook <dialhook@dialhook.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "daemon that asks a web server where an inbound call should go")
set(CPACK_PACKAGE_DESCRIPTION "Dialhook sits beside a PBX. The dialplan engine (Asterisk, Kamailio,
FreeSWITCH or another one) names a webhook over a local socket; Dialhook
asks the customer's web server, reads its one-line reply, and answers
where the call goes and under which name. It always answers in time, and
no broken web server delays the calls of another one.")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_SET_DESTDIR ON) # for the files in /etc
set(CPACK_INSTALL_PREFIX /usr)
foreach(component Unspecified documentation package)
  list(APPEND CPACK_INSTALL_CMAKE_PROJECTS ${CMAKE_BINARY_DIR} dialhook ${component} /)
endforeach()
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/debian/finish.cmake)

set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION comm)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(CMAKE_CROSSCOMPILING)
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64) # the only other one (arm64.cmake)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu)
endif()
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/cmake/debian/postinst ${CMAKE_SOURCE_DIR}/cmake/debian/prerm ${CMAKE_SOURCE_DIR}/cmake/debian/postrm)

configure_file(cmake/debian/changelog.in package/changelog.Debian @ONLY)
# postinst makes /etc/dialhook/dialhook.yaml of it, which is no conffile, so that no upgrade ever asks.
install(FILES cmake/debian/dialhook.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/dialhook COMPONENT package EXCLUDE_FROM_ALL)
install(PROGRAMS cmake/debian/check-unit DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/dialhook COMPONENT package EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /etc/dialhook/conf.d COMPONENT package EXCLUDE_FROM_ALL)
install(FILES cmake/debian/copyright ${CMAKE_BINARY_DIR}/package/changelog.Debian
        DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT package EXCLUDE_FROM_ALL)
install(CODE "file(CREATE_LINK config \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/examples\" SYMBOLIC)"
        COMPONENT package EXCLUDE_FROM_ALL)
include(CPack)
