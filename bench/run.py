#!/usr/bin/env python3
"""Measures Dialhook beside nginx as a proxy, on this machine, in one run. scripts/bench builds, then calls this."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from harness.measure import BESIDE, PLAN, measure
from harness.process import Failure
from harness.report import tables, write
from harness.setting import BUILD, ROOT, prepare
from harness.systems import WebServer


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    loads = [load.name for load in BESIDE]
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each with every system and load (5)")
    parser.add_argument("--seconds", type=float, default=5, help="length of each measured window (5)")
    parser.add_argument("--warmup", type=float, default=1, help="seconds of calls before each window (1)")
    parser.add_argument("--only", action="append", default=[], choices=[*PLAN, *loads], metavar="NAME",
                        help=f"a system ({', '.join(PLAN)}) or a load ({', '.join(loads)}); may be repeated; the tables are "
                             "then printed and not written to docs/performance.md")
    parser.add_argument("--samples", type=Path, help="file for the figures of every round, as JSON")
    parser.add_argument("--dialhookd", type=Path, default=BUILD / "bin/dialhookd",
                        help="another daemon; the tables are then printed only")
    options = parser.parse_args()
    if options.rounds < 1 or options.seconds <= 0 or options.warmup <= 0:
        parser.error("rounds, seconds and warm-up must be more than nothing")
    options.partial = bool(options.only) or options.dialhookd != parser.get_default("dialhookd")
    return options


def chosen(only):
    """What to measure, in order: (system, load)."""
    systems = [name for name in PLAN if name in only] or list(PLAN)
    loads = [load for load in BESIDE if load.name in only] or list(BESIDE)
    return [(name, load) for load in loads for name in systems if load in PLAN[name]]


def run_rounds(options, folder: Path):
    rounds = []
    plan = chosen(options.only)
    web = WebServer(folder / "web", options.scenario)
    try:
        for number in range(options.rounds):
            samples = {}
            # Every second round backwards, so that what drifts (heat, neighbours) meets both systems alike.
            for name, load in plan if number % 2 == 0 else reversed(plan):
                with tempfile.TemporaryDirectory(dir=folder, prefix=f"{name}-") as place:
                    samples[name, load] = measure(name, load, web, Path(place) / name, options)
                show(number + 1, name, load, samples[name, load])
            rounds.append(samples)
    finally:
        web.stop()
    return rounds


def show(number, name, load, sample):
    print(f"round {number}  {name:9}{load.name:6}{sample.decisions_per_s:9,.0f}/s {sample.cpu_us:7.2f} µs CPU "
          f"{sample.p50_us:8,.1f} µs p50 {sample.p99_us:8,.1f} µs p99  core 0 {sample.busy:4.0%}  "
          f"core 1 {sample.other_core:4.0%}  others {sample.others:.1%}, {sample.other_others:.1%}", file=sys.stderr, flush=True)


def save(rounds, path: Path):
    path.write_text(json.dumps([{f"{name} {load.name}": vars(sample) for (name, load), sample in samples.items()}
                                for samples in rounds], indent=1) + "\n")


def main():
    options = arguments()
    prepare(options)

    with tempfile.TemporaryDirectory(prefix="dialhook-bench-") as folder:
        rounds = run_rounds(options, Path(folder))
    text = tables(rounds, options)
    print(text)
    if options.samples:
        save(rounds, options.samples)
    if not options.partial:
        write(ROOT / "docs/performance.md", text)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"bench: {failure}")
