# The units of second instances, dialhook@NAME.service and its sockets: those of the first one with other paths, so that a change of
# its sandbox is a change of theirs.
set(instance_units "")

# Writes systemd/UNIT as a template; the pairs are what stands there and what takes its place.
function(instance_unit unit)
  string(REPLACE "." "@." name ${unit})
  file(READ ${CMAKE_SOURCE_DIR}/systemd/${unit} text)
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS systemd/${unit})
  while(ARGN)
    list(POP_FRONT ARGN from to)
    string(FIND "${text}" "${from}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "systemd/${unit} has no '${from}' any more: correct cmake/InstanceUnits.cmake")
    endif()
    string(REPLACE "${from}" "${to}" text "${text}")
  endwhile()
  file(WRITE ${CMAKE_BINARY_DIR}/systemd/${name} "${text}")
  set(instance_units ${instance_units} ${CMAKE_BINARY_DIR}/systemd/${name} PARENT_SCOPE)
endfunction()

instance_unit(dialhook.service
  "systemctl edit dialhook.service" "systemctl edit dialhook@.service"
  "Description=Dialhook, asks" "Description=Dialhook %i, asks"
  "dialhook-engine.socket" "dialhook-engine@%i.socket"
  "dialhook-control.socket" "dialhook-control@%i.socket"
  "/etc/dialhook/dialhook.yaml" "/etc/dialhook/%i.yaml"
  "ExecReload=dialhookctl reload" "ExecReload=dialhookctl reload --control /run/dialhook/%i/control.sock"
  "StateDirectory=dialhook" "StateDirectory=dialhook/instances/%i"
  "ReadWritePaths=-/run/dialhook" "RuntimeDirectory=dialhook/%i\nRuntimeDirectoryPreserve=yes")
foreach(socket engine control)
  instance_unit(dialhook-${socket}.socket
    "dialhook.service" "dialhook@%i.service"
    "/run/dialhook/" "/run/dialhook/%i/")
endforeach()
