"""Webhooks in included files of their own: the start and a reload, with few files and with many."""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .dialhook import Dialhook, Settings
from .scale import first_answer
from .web import PLAIN, WebServer

FEW_FILES, MANY_FILES = 10_000, 100_000
UNTIL_CERTAIN = 4  # seconds after which the time of a file tells whether it has changed since


@dataclass(frozen=True)
class Read:
    start: float       # seconds from the start of the program to its first right answer
    reload_all: float  # seconds of a reload after a change of the main file, no calls beside it
    reload_one: float  # the same after another one has taken the place of one included file
    bytes_each: float  # of memory for each webhook with its file, PSS, after the reloads


@dataclass(frozen=True)
class Includes:
    few: Read
    many: Read


def run_includes(options, folder: Path) -> list:
    results = []
    with WebServer(folder / "web-includes", PLAIN, options.scenario) as web:
        for number in range(options.repeats):
            with tempfile.TemporaryDirectory(dir=folder, prefix="includes-") as place:
                results.append(Includes(*(read(web, Path(place) / str(files), options, files)
                                          for files in (FEW_FILES, MANY_FILES))))
            print(f"includes {number + 1}  {results[-1]}", file=sys.stderr, flush=True)
    return results


def read(web, folder: Path, options, files) -> Read:
    with Dialhook(folder, web, options, Settings(webhooks=files, in_files=True)) as system:
        start = first_answer(system, options) - system.started_at
        time.sleep(UNTIL_CERTAIN)
        system.ask_control("reload")
        with system.configuration.open("a") as main:
            main.write("# changed\n")
        everything = reloaded(system)
        one = next((folder / "conf.d").iterdir())
        (folder / "changed").write_text(one.read_text() + "# changed\n")
        (folder / "changed").rename(one)
        return Read(start, everything, reloaded(system), system.own_memory() / files)


def reloaded(system) -> float:
    begin = time.monotonic()
    system.ask_control("reload")
    return time.monotonic() - begin
