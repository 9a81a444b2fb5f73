"""What is measured in every round: which system meets which load."""

from dataclasses import dataclass

from .web import PLAIN, TLS, TLS_1_3, TLS_1_3_CLOSING, TLS_CLOSING


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
    system: str
    load: Load = MANY
    web: str = PLAIN
    webhooks: int = 0    # 0: one; else the calls are spread over so many
    open: bool = False   # calls come at a fixed rate, whatever becomes of them

    @property
    def name(self):
        parts = [self.system, self.load.name]
        if self.web != PLAIN:
            parts.append(self.web)
        if self.webhooks:
            parts.append(f"{self.webhooks}-webhooks")
        if self.open:
            parts.append("open")
        return " ".join(parts)


# The parts of a run by name; each round measures all cases of all of them.
PARTS = {
    "closed": (Case("dialhook", ONE), Case("nginx", ONE), Case("dialhook"), Case("nginx"), Case("haproxy"), Case("floor"),
               Case("dialhook", PIPELINED)),
    "tls": tuple(Case(system, web=web) for web in (TLS, TLS_CLOSING, TLS_1_3, TLS_1_3_CLOSING)
                 for system in ("dialhook", "nginx", "haproxy")),
    "open": (Case("dialhook", open=True), Case("nginx", open=True)),
    "webhooks": (Case("dialhook", webhooks=FEW_WEBHOOKS), Case("dialhook", webhooks=ALL_WEBHOOKS)),
}
