"""All that one run measured."""

from dataclasses import asdict, dataclass, field

from .footprint import Footprint
from .rounds import Rounds


@dataclass
class Results:
    """A part that was not measured is empty."""

    rounds: Rounds = field(default_factory=Rounds)
    cold: dict | None = None  # by client
    hanging: list = field(default_factory=list)
    scale: list = field(default_factory=list)
    includes: list = field(default_factory=list)
    events: list = field(default_factory=list)
    threads: list = field(default_factory=list)
    footprint: Footprint | None = None

    def as_json(self):
        return {"rate": self.rounds.rate,
                "rounds": [{case.name: asdict(sample) for case, sample in samples.items()}
                           for samples in self.rounds.samples],
                "cold": {client: asdict(trips) for client, trips in (self.cold or {}).items()},
                "hanging": [asdict(one) for one in self.hanging], "scale": [asdict(one) for one in self.scale],
                "includes": [asdict(one) for one in self.includes], "threads": [asdict(one) for one in self.threads],
                "events": [asdict(one) for one in self.events],
                "footprint": asdict(self.footprint) if self.footprint else None}
