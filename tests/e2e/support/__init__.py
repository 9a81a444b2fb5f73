"""What the suites with real PBXes share, besides what the integration tests have: that is found here as well, so
`support.daemon` is the same daemon and `support.webserver` the same web server.
"""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
__path__.append(str(ROOT / "tests" / "integration" / "support"))
