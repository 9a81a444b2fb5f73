"""What is measured in every round: which system meets which load."""

from dataclasses import dataclass

from .web import (OLD_TLS, OLD_TLS_CLOSING, PLAIN, SLOW, TLS, TLS_CHAIN, TLS_CLOSING, TLS_FULL, TLS_RSA, WRITES_ONCE, WRITES_TWICE,
                  Web)


@dataclass(frozen=True)
class Load:
    connections: int
    pipelined: int

    @property
    def name(self):
        return f"{self.connections}x{self.pipelined}"


ONE = Load(1, 1)
MANY = Load(64, 1)
PIPELINED = Load(8, 8)

FEW_WEBHOOKS, ALL_WEBHOOKS = 10, 100_000


@dataclass(frozen=True)
class Case:
    system: str          # dialhook: as the package has it; release: as anyone builds it; engine-http: asked over HTTP; or a peer
    load: Load = MANY
    web: Web = PLAIN
    webhooks: int = 0    # 0: one; else the calls are spread over so many
    open: bool = False   # calls come at a fixed rate, whatever becomes of them

    @property
    def name(self):
        parts = [self.system, self.load.name]
        if self.web != PLAIN:
            parts.append(self.web.name)
        if self.webhooks:
            parts.append(f"{self.webhooks}-webhooks")
        if self.open:
            parts.append("open")
        return " ".join(parts)


def cases(systems, **rest):
    return tuple(Case(system, **rest) for system in systems)


BOTH_AND_NGINX = ("dialhook", "release", "nginx")

# The parts of a run by name; each round measures all cases of all of them.
PARTS = {
    "closed": (*cases(BOTH_AND_NGINX, load=ONE), *cases(("dialhook", "release", "nginx", "haproxy", "floor")),
               *cases(("dialhook", "release"), load=PIPELINED)),
    "engine-http": (Case("engine-http"), Case("engine-http", ONE)),
    "tls": (*(case for web in (TLS, TLS_CLOSING) for case in cases(("dialhook", "release", "nginx", "haproxy"), web=web)),
            *(case for web in (TLS_FULL, TLS_RSA, TLS_CHAIN, OLD_TLS, OLD_TLS_CLOSING) for case in cases(BOTH_AND_NGINX, web=web))),
    "slow": (*cases(BOTH_AND_NGINX, web=SLOW),
             *(case for web in (WRITES_ONCE, WRITES_TWICE) for case in cases(BOTH_AND_NGINX, load=ONE, web=web))),
    "open": cases(BOTH_AND_NGINX, open=True),
    "webhooks": (*cases(("dialhook", "release"), webhooks=FEW_WEBHOOKS), *cases(("dialhook", "release"), webhooks=ALL_WEBHOOKS)),
}
