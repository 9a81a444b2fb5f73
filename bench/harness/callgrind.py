"""Instructions that the daemon executes for one decision: the same binary with the same input repeats to 0.2 %, where CPU
time moves by 15 % with whoever else is on the machine."""

import re
import subprocess
from pathlib import Path

from .dialhook import Dialhook, Settings
from .place import OTHER_CORE
from .process import Failure

# Two runs that differ in the number of calls alone: their difference leaves out start, first connections, and stop.
FEW, MANY = 1_000, 6_000
WINDOWS = 2  # the generator asks so many calls in its warm-up, and as many in its window

LINE = re.compile(r"^\s*([\d,]+) \([^)]*\)\s+(\S+?):(.+?)(?: \[\S+\])?$")  # cost (share)  file:function [program]
LONG_NAMES = {"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >": "string",
              "std::basic_string_view<char, std::char_traits<char> >": "string_view",
              "boost::asio::io_context::basic_executor_type<std::allocator<void>, 0ul>": "executor",
              "std::allocator<void>": "allocator"}
LONGEST = 160  # characters of a name that are shown


class Counted:
    """A run of the daemon under Callgrind, from its start to its end."""

    def __init__(self, calls, load, web, folder: Path, options, program):
        self.profile = folder / "callgrind.out"
        folder.mkdir(parents=True)
        valgrind = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={self.profile}", "--fair-sched=yes")
        system = Dialhook(folder / "dialhook", web, options, Settings(under=valgrind, program=program))
        try:
            asked = subprocess.run(
                ["taskset", "--cpu-list", str(OTHER_CORE), options.generator, "--protocol", system.protocol, "--socket",
                 system.socket, "--connections", str(load.connections), "--pipelined", str(load.pipelined),
                 "--calls", str(calls)], capture_output=True, text=True)
        finally:
            system.stop()
        if asked.returncode != 0:
            raise Failure(f"{load.name} under Callgrind: not every answer was right: {asked.stderr.strip()}")

    def instructions(self):
        total = re.search(r"^totals: (\d+)$", self.profile.read_text(), re.MULTILINE)
        if not total:
            raise Failure(f"{self.profile}: Callgrind wrote no total")
        return int(total.group(1))

    def by_function(self, inclusive: bool):
        """{function: instructions}, in it alone or with all that it calls."""
        listing = subprocess.run(["callgrind_annotate", "--threshold=100", "--auto=no",
                                  f"--inclusive={'yes' if inclusive else 'no'}", self.profile],
                                 check=True, capture_output=True, text=True).stdout
        # A function stands once for each file from which something is inlined into it.
        functions = {}
        for line in listing.splitlines():
            found = LINE.match(line)
            if found:
                name, cost = shortened(found.group(3)), int(found.group(1).replace(",", ""))
                functions[name] = max(functions.get(name, 0), cost) if inclusive else functions.get(name, 0) + cost
        return functions


def shortened(name):
    for long, short in LONG_NAMES.items():
        name = name.replace(long, short)
    return name[:LONGEST]


class Difference:
    """What each further decision costs once everything is warm."""

    def __init__(self, load, web, folder: Path, options, program=None):
        """`program`: instead of the run's daemon."""
        self._few = Counted(FEW, load, web, folder / "few", options, program)
        self._many = Counted(MANY, load, web, folder / "many", options, program)
        self._decisions = (MANY - FEW) * WINDOWS

    def instructions(self) -> float:
        return (self._many.instructions() - self._few.instructions()) / self._decisions

    def by_function(self, inclusive=False):
        """[(instructions for each decision, function)], the most expensive one first."""
        few, many = self._few.by_function(inclusive), self._many.by_function(inclusive)
        costs = [((count - few.get(name, 0)) / self._decisions, name) for name, count in many.items()]
        return sorted(costs, reverse=True)
