"""A real nginx in front of us, as somebody who shares a server sets it up."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
from instrument import free_port, wait_for

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "nginx"
CONFIGURATION = """
daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  map $http_upgrade $upgraded {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1;
    {locations}
    location / {{ return 418; }}
  }}
}}
"""
LOCATION = """
    location {path}/ {{
      proxy_pass {to};
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $upgraded;
      {header}
    }}
"""


class Nginx:
    """Shows a server under each path. `places`: by path, where it leads and a header; 418 at the root.

    An address that ends with a slash takes the path off, as nginx has it.
    """

    def __init__(self, home: Path, places: Mapping[str, tuple[str, str]]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        locations = ""
        for path, (to, header) in places.items():
            line = f"proxy_set_header {header} {path};" if header else ""
            locations += LOCATION.format(path=path, to=to, header=line)
        self._file = home / "nginx.conf"
        self._file.write_text(CONFIGURATION.format(home=home, port=self.port, locations=locations))

    def start(self) -> None:
        self._process = subprocess.Popen([NGINX, "-p", str(self._file.parent), "-c", str(self._file)])
        wait_for(self._answers, 30, "nginx")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url, timeout=5).status_code == 418
        except httpx.HTTPError:
            return False
