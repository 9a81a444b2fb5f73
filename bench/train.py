#!/usr/bin/env python3
"""Has the daemon answer calls, so that a build that records how often each branch is taken has something to count.
scripts/build-trained builds it, then calls this."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from harness.cases import MANY, ONE, PIPELINED, Load
from harness.certificate import Certificate
from harness.dialhook import Dialhook, Settings, dialhook_over_http
from harness.generator import Generator
from harness.process import Failure
from harness.setting import RECORDING, prepare_calls
from harness.web import OLD_TLS_CLOSING, PLAIN, TLS, TLS_CLOSING, Web, WebServer

CALLS = 50_000  # of each load: enough for their rare branches; more changes nothing
WEBHOOKS = 1_000


@dataclass(frozen=True)
class Training:
    load: Load = MANY
    web: Web = PLAIN
    webhooks: int = 0      # 0: one; else the calls are spread over so many
    system: Callable[..., Dialhook] = Dialhook

    @property
    def name(self):
        asked = ", asked over HTTP" if self.system is dialhook_over_http else ""
        return f"{self.load.name}, {self.web.name}" + (f", {self.webhooks} webhooks" if self.webhooks else "") + asked


TRAININGS = (Training(), Training(PIPELINED), Training(ONE), Training(webhooks=WEBHOOKS), Training(web=TLS),
             Training(web=TLS_CLOSING), Training(web=OLD_TLS_CLOSING), Training(system=dialhook_over_http))


def train(training: Training, certificate, folder: Path, options):
    """A daemon of its own: what it counted is written when it ends."""
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    spread = {"spread": training.webhooks} if training.webhooks else {}
    what = f"training with {training.name}"
    with WebServer(folder / "web", training.web, options.scenario, certificate, cores) as web:
        with training.system(folder / "dialhook", web, options, Settings(webhooks=training.webhooks, core=cores)) as system:
            with Generator(what, options, system, core=cores, connections=training.load.connections,
                           pipelined=training.load.pipelined, calls=CALLS, **spread) as generator:
                print(f"{what}: {generator.report()['calls']:,} calls", flush=True)


def main():
    argparse.ArgumentParser(prog="bench/train.py", description=__doc__.splitlines()[0]).parse_args()
    options = SimpleNamespace(dialhookd=RECORDING / "bin/dialhookd")
    prepare_calls(options, RECORDING)
    with tempfile.TemporaryDirectory(prefix="dialhook-training-") as name:
        folder = Path(name)
        certificate = Certificate(folder / "certificate")
        for number, training in enumerate(TRAININGS):
            (folder / str(number)).mkdir()
            train(training, certificate if training.web != PLAIN else None, folder / str(number), options)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"train: {failure}")
