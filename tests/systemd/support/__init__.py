"""What the suites in a real systemd share, besides what the integration tests have: that is found here as well, so
`support.webserver` is the same web server and `support.engine` the same engine.
"""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
__path__.append(str(ROOT / "tests" / "integration" / "support"))
