#!/usr/bin/env python3
"""Measures Dialhook beside nginx and haproxy on this machine, in one run. scripts/bench builds, then calls this."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from harness.cases import PARTS
from harness.cold import run_cold
from harness.events import run_events
from harness.footprint import run_footprint
from harness.hanging import run_hanging
from harness.includes import run_includes
from harness.process import Failure
from harness.report import tables, write
from harness.results import Results
from harness.rounds import run_rounds
from harness.scale import run_scale
from harness.setting import ROOT, TRAINED, prepare
from harness.threads import run_threads

SINGLE_PARTS = {"cold": run_cold, "footprint": run_footprint, "threads": run_threads, "scale": run_scale, "includes": run_includes,
                "hanging": run_hanging, "events": run_events}
ALL_PARTS = (*PARTS, *SINGLE_PARTS)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each with every system and load (5)")
    parser.add_argument("--seconds", type=float, default=3, help="length of each measured window (3)")
    parser.add_argument("--warmup", type=float, default=1, help="seconds of calls before each window (1)")
    parser.add_argument("--repeats", type=int, default=3,
                        help="how often start, reload, hanging calls and threads are measured (3)")
    parser.add_argument("--only", action="append", default=[], choices=ALL_PARTS, metavar="PART",
                        help=f"one part ({', '.join(ALL_PARTS)}); may be repeated; the tables are then printed and not "
                             "written to docs/performance.md")
    parser.add_argument("--samples", type=Path, help="file for the figures of every round, as JSON")
    parser.add_argument("--dialhookd", type=Path, default=TRAINED / "bin/dialhookd",
                        help="another daemon; the tables are then printed only")
    options = parser.parse_args()
    if options.rounds < 1 or options.repeats < 1 or options.seconds <= 0 or options.warmup <= 0:
        parser.error("rounds, repeats, seconds and warm-up must be more than nothing")
    options.partial = bool(options.only) or options.dialhookd != parser.get_default("dialhookd")
    return options


def measure(options) -> Results:
    parts = options.only or ALL_PARTS
    results = Results()
    with tempfile.TemporaryDirectory(prefix="dialhook-bench-") as folder:
        for name, run in SINGLE_PARTS.items():
            if name in parts:
                setattr(results, name, run(options, Path(folder)))
        results.rounds = run_rounds([part for part in PARTS if part in parts], options, Path(folder))
    return results


def main():
    options = arguments()
    prepare(options, TRAINED)
    results = measure(options)
    text = tables(results, options)
    print(text)
    if options.samples:
        options.samples.write_text(json.dumps(results.as_json(), indent=1) + "\n")
    if not options.partial:
        write(ROOT / "docs/performance.md", text)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
