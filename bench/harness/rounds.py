"""The interleaved rounds: every system meets every load in each of them."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .cases import PARTS, Case
from .certificate import Certificate
from .measure import Sample, measure
from .web import start_web


class Rounds:
    """`samples`: for each round {case: Sample}. `rate`: of the open loop, calls a second."""

    def __init__(self):
        self.samples = []
        self.rate = 0.0

    def of(self, case: Case) -> list:
        """The samples of `case`, one a round."""
        return [samples[case] for samples in self.samples if case in samples]

    def all(self) -> list:
        return [sample for samples in self.samples for sample in samples.values()]


def run_rounds(parts, options, folder: Path) -> Rounds:
    cases = [case for part in parts for case in PARTS[part]]
    rounds = Rounds()
    if not cases:
        return rounds
    with ExitStack() as stack:
        kinds = list(dict.fromkeys(case.web for case in cases))
        certificates = {kind: Certificate(folder / "certificates" / kind) for kind in {web.certificate for web in kinds if web.versions}}
        webs = {web: stack.enter_context(start_web(folder / f"web-{number}", web, options.scenario, certificates.get(web.certificate)))
                for number, web in enumerate(kinds)}

        def one(case) -> Sample:
            with tempfile.TemporaryDirectory(dir=folder, prefix=f"{case.system}-") as place:
                return measure(case, webs[case.web], Path(place) / case.system, options, rounds.rate)

        if any(case.open for case in cases):
            rounds.rate = round(one(Case("nginx")).decisions_per_s / 2, -2)
        for number in range(options.rounds):
            samples = {}
            # Every second round backwards, so that what drifts (heat, neighbours) meets all systems alike.
            for case in cases if number % 2 == 0 else reversed(cases):
                samples[case] = one(case)
                show(number + 1, case, samples[case])
            rounds.samples.append(samples)
    return rounds


def show(number, case, sample):
    print(f"round {number}  {case.name:30}{sample.decisions_per_s:9,.0f}/s {sample.cpu_us:7.2f} µs CPU "
          f"{sample.p50_us:8,.1f} µs p50 {sample.p99_us:8,.1f} µs p99  core 0 {sample.busy:4.0%}  "
          f"core 1 {sample.other_core:4.0%}  others {sample.others:.1%}, {sample.other_others:.1%}",
          file=sys.stderr, flush=True)
