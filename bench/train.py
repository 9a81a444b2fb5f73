#!/usr/bin/env python3
"""Has the daemon answer calls, so that a build that records how often each branch is taken has something to count.
scripts/build-trained builds it, then calls this."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from harness.cases import MANY, ONE, PIPELINED, Load
from harness.certificate import Certificate
from harness.dialhook import Dialhook, Settings
from harness.generator import Generator
from harness.process import Failure
from harness.setting import RECORDING, prepare_calls
from harness.web import OLD_TLS_CLOSING, PLAIN, TLS, TLS_CLOSING, Web, WebServer

CALLS = 50_000  # of each load: enough for their rare branches; more changes nothing
WEBHOOKS = 1_000
TRAINING = ((PLAIN, MANY, 0), (PLAIN, PIPELINED, 0), (PLAIN, ONE, 0), (PLAIN, MANY, WEBHOOKS), (TLS, MANY, 0),
            (TLS_CLOSING, MANY, 0), (OLD_TLS_CLOSING, MANY, 0))


def train(kind: Web, load: Load, webhooks: int, certificate, folder: Path, options):
    """A daemon of its own: what it counted is written when it ends."""
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    spread = {"spread": webhooks} if webhooks else {}
    what = f"training with {load.name}, {kind.name}" + (f", {webhooks} webhooks" if webhooks else "")
    with WebServer(folder / "web", kind, options.scenario, certificate, cores) as web:
        with Dialhook(folder / "dialhook", web, options, Settings(webhooks=webhooks, core=cores)) as system:
            with Generator(what, options, system, core=cores, connections=load.connections, pipelined=load.pipelined,
                           calls=CALLS, **spread) as generator:
                print(f"{what}: {generator.report()['calls']:,} calls", flush=True)


def main():
    argparse.ArgumentParser(prog="bench/train.py", description=__doc__.splitlines()[0]).parse_args()
    options = SimpleNamespace(dialhookd=RECORDING / "bin/dialhookd")
    prepare_calls(options, RECORDING)
    with tempfile.TemporaryDirectory(prefix="dialhook-training-") as name:
        folder = Path(name)
        certificate = Certificate(folder / "certificate")
        for number, (kind, load, webhooks) in enumerate(TRAINING):
            (folder / str(number)).mkdir()
            train(kind, load, webhooks, certificate if kind != PLAIN else None, folder / str(number), options)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"train: {failure}")
