"""What the suite of the image shares, besides what the integration tests and those with real PBXes have: `support.webserver` is the same web
server and `support.asterisk` the same Asterisk.
"""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
__path__.extend(str(ROOT / "tests" / suite / "support") for suite in ("e2e", "integration"))
