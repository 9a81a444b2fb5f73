#!/usr/bin/env python3
"""Instructions per decision, compared with the recorded figure; `scripts/bench --quick` builds, then calls this."""

import argparse
import json
import platform
import re
import sys
import tempfile
import urllib.parse
from pathlib import Path

from harness.callgrind import Difference
from harness.cases import MANY, PIPELINED, Load
from harness.process import Failure
from harness.setting import RELEASE, ROOT, prepare
from harness.web import PLAIN, WebServer

RECORD = ROOT / "bench/instructions.json"
LOADS = (MANY, PIPELINED)
TOLERANCE = 0.05  # a decision that got dearer by more is a defect, or is recorded on purpose
SHOWN = 60        # functions of a profile
JSON = MANY.name + " JSON"  # the same calls, and a web server that says the same in JSON
LEAST = 20        # instructions for each decision that a function must cost to be shown


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench --quick", description=__doc__.split(";")[0])
    parser.add_argument("--record", action="store_true", help=f"write the figures to {RECORD.relative_to(ROOT)}")
    parser.add_argument("--profile", action="store_true",
                        help="show what each function costs for one decision at 64×1, and compare nothing")
    options = parser.parse_args()
    options.dialhookd = RELEASE / "bin/dialhookd"
    return options


def compiler():
    """What the figures depend on besides the sources: `x86_64, GNU 12`."""
    told = "".join(path.read_text() for path in RELEASE.glob("CMakeFiles/*/CMakeCXXCompiler.cmake"))
    name = re.search(r'CMAKE_CXX_COMPILER_ID "(\w+)"', told)
    version = re.search(r'CMAKE_CXX_COMPILER_VERSION "(\d+)', told)
    if not name or not version:
        raise Failure(f"{RELEASE} does not say which compiler it was built with: scripts/bench builds it")
    return f"{platform.machine()}, {name.group(1)} {version.group(1)}"


def measure(load: Load, options, reply=None) -> Difference:
    """`reply`: what the web server answers; without one what the scenario says, a form."""
    name = load.name if reply is None else f"{load.name}-other-reply"
    scenario = options.scenario if reply is None else {**options.scenario, "reply": reply}
    with WebServer(options.folder / f"web-{name}", PLAIN, scenario) as web:
        return Difference(load, web, options.folder / name, options)


def json_of(form):
    """The same reply in JSON, as nginx has it between double quotes."""
    return json.dumps(dict(urllib.parse.parse_qsl(form)), separators=(",", ":")).replace('"', '\\"')


def show_profile(options):
    difference = measure(MANY, options)
    for inclusive, title in ((False, "in the function itself"), (True, "with all that it calls")):
        print(f"Instructions for each decision, 64×1: {title}")
        for cost, name in difference.by_function(inclusive)[:SHOWN]:
            if cost >= LEAST:
                print(f"{cost:10,.0f}  {name}")
        print()
    print(f"{difference.instructions():10,.0f}  together")


def judge(figures, recorded, key) -> bool:
    """Says how far each figure moved; false when one got dearer than the tolerance allows."""
    if key not in recorded:
        print(f"Nothing is recorded for {key}. Do it on purpose: scripts/bench --quick --record")
        return False
    good = True
    for name, figure in figures.items():
        if name not in recorded[key]:
            print(f"{name}: {figure:,.0f} instructions a decision, and nothing is recorded: FAILED")
            good = False
            continue
        moved = figure / recorded[key][name] - 1
        dearer = moved > TOLERANCE
        good = good and not dearer
        print(f"{name.replace('x', '×'):10}{figure:8,.0f} instructions a decision; recorded {recorded[key][name]:,}, "
              f"moved by {moved:+.1%}" + (f", more than {TOLERANCE:.0%}: FAILED" if dearer else ""))
    if not good:
        print("scripts/bench --quick --profile shows where they go. If it must be so: scripts/bench --quick --record")
    return good


def record(figures, recorded, key):
    recorded[key] = {name: round(figure) for name, figure in figures.items()}
    RECORD.write_text(json.dumps(recorded, indent=2, sort_keys=True) + "\n")
    print(f"Recorded for {key}: " + ", ".join(f"{name} {figure:,.0f}" for name, figure in figures.items()))


def main():
    options = arguments()
    prepare(options, RELEASE)
    key = compiler()
    recorded = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    with tempfile.TemporaryDirectory(prefix="dialhook-bench-") as folder:
        options.folder = Path(folder)
        if options.profile:
            show_profile(options)
            return True
        figures = {load.name: measure(load, options).instructions() for load in LOADS}
        figures[JSON] = measure(MANY, options, json_of(options.scenario["reply"])).instructions()
    if options.record:
        record(figures, recorded, key)
        return True
    return judge(figures, recorded, key)


if __name__ == "__main__":
    try:
        sys.exit(0 if main() else 1)
    except Failure as failure:
        sys.exit(f"bench: {failure}")
