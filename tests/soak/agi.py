"""Channels of Asterisk that ask over FastAGI, one after the other."""
import asyncio
import itertools
import random

import scenario
from support.agi import ENVIRONMENT, words

PATIENCE = 40
KINDS = ("ack", "slow", "nak", "hang", "once", "reset")
_numbers = itertools.count()


async def call_again_and_again(port, web, results, stopped):
    while not stopped.is_set():
        kind, call_id = random.choice(KINDS), f"a{next(_numbers)}"
        try:
            variables = await asyncio.wait_for(play_channel(port, kind, call_id), PATIENCE)
        except (OSError, asyncio.TimeoutError) as error:
            results.lose(f"FastAGI: {kind} {call_id}: {error!r}")
            continue
        outcome = variables.get("DIALHOOK_REASON") or variables.get("DIALHOOK_BRANCH")
        if outcome in scenario.OUTCOMES[kind]:
            results.answered += 1
        elif outcome or web.has_seen(call_id):
            results.lose(f"FastAGI: {kind} {call_id} ended in {outcome}")
        else:
            results.asked_again += 1    # closed before it was read


async def play_channel(port, kind, call_id):
    """The variables that the daemon set by the time it closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    fields = {**ENVIRONMENT, "uniqueid": call_id, "network_script": f"webhook/{kind}"}
    writer.write("".join(f"agi_{name}: {value}\n" for name, value in fields.items()).encode() + b"\n")
    variables = {}
    try:
        while line := await reader.readline():
            command = words(line.decode().rstrip("\n"))
            if command[:2] == ["SET", "VARIABLE"]:
                variables[command[2]] = command[3]
            writer.write(b"200 result=1\n")
    except ConnectionResetError:
        pass    # what was set before counts
    writer.close()
    return variables
