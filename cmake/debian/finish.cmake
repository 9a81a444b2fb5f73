# Run by CPack between installing and packing: what Debian wants compressed.
cmake_policy(SET CMP0009 NEW) # links to folders, such as examples, are not followed
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
file(GLOB_RECURSE files ${root}/usr/share/man/*.[1-8] ${root}/usr/share/doc/dialhook/changelog.Debian)
foreach(file IN LISTS files)
  execute_process(COMMAND gzip --best --no-name ${file} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
