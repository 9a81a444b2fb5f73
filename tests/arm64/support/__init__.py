"""What the suite of the cross-compiled programs has from the integration tests: `support.daemon` is the same daemon, here one for arm64."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
__path__.append(str(ROOT / "tests" / "integration" / "support"))
