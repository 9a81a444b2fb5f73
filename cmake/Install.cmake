# What is installed beside the programs: pages, documentation, completions, units and samples, all of it below the prefix.
install(FILES docs/man/dialhookctl.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/man/dialhook.yaml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES docs/man/dialhookd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES config/dialhook.schema.json config/voys-v2.schema.json config/cloudevent.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/dialhook)
foreach(program dialhookctl dialhookd)
  install(FILES config/completions/${program}.bash RENAME ${program}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endforeach()
install(FILES config/completions/_dialhookctl DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES include/dialhook/protocol.h config/clients/dialhook_client.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dialhook)
install(FILES config/clients/dialhook_client.c DESTINATION ${CMAKE_INSTALL_DATADIR}/dialhook)
include(InstanceUnits)
install(FILES systemd/dialhook.service systemd/dialhook-engine.socket systemd/dialhook-control.socket
              systemd/dialhook-fastagi.socket systemd/dialhook-http.socket systemd/dialhook-take-sockets@.service ${instance_units}
        DESTINATION lib/systemd/system)
install(FILES systemd/dialhook.sysusers DESTINATION lib/sysusers.d RENAME dialhook.conf)
install(FILES systemd/dialhook.tmpfiles DESTINATION lib/tmpfiles.d RENAME dialhook.conf)
# The pages, and what they lead to, laid out as in the sources, so that a link leads to the same file in both. What an
# installed copy has no use for, such as tests, is left out, and links to it become text.
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation PATTERN man EXCLUDE)
install(FILES config/dialhook.schema.json config/voys-v2.schema.json config/cloudevent.schema.json config/dialhook.yaml config/mock-replies.yaml
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/config COMPONENT documentation)
install(DIRECTORY config/asterisk config/clients config/containers config/freeswitch config/grafana config/kamailio config/logrotate config/prometheus
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/config COMPONENT documentation)
install(CODE "set(documents \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")" COMPONENT documentation)
install(SCRIPT cmake/installed_links.cmake COMPONENT documentation)
