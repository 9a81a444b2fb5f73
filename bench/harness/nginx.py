"""nginx as Debian configures it, for a web server and for a proxy."""

import os
from pathlib import Path

from .process import Process

FOREVER = 1_000_000_000

# What Debian's /etc/nginx/nginx.conf says, with the paths and the number of workers of a bench.
NGINX = """
daemon off;
{user}worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    default_type application/octet-stream;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


def start_nginx(folder: Path, servers: str, core) -> Process:
    folder.mkdir()
    configuration = folder / "nginx.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration.write_text(NGINX.format(folder=folder, servers=servers, user=user))
    return Process(["nginx", "-e", folder / "error.log", "-c", configuration, "-p", folder], core, folder / "output.log")
