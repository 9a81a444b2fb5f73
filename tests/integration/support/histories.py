"""What a web server that is told of calls makes of it: each event once, whatever came twice, and what is wrong with any call."""
import collections


class Histories:
    def __init__(self):
        self._seen = set()
        self.calls = collections.defaultdict(list)    # by id: pairs of the number and the kind of an event

    def add(self, webhook_id, call_id, seq, kind):
        if webhook_id not in self._seen:
            self._seen.add(webhook_id)
            self.calls[call_id].append((int(seq), kind))

    def add_request(self, request):
        """One with the format `voys-v2`."""
        said = request.json()
        self.add(request.header("webhook-id"), said["call_id"], request.header("webhook-sequence"), said["status"])

    def ended(self):
        return {call for call, events in self.calls.items() if events[-1][1] == "ended"}

    def faults(self):
        """Each call has one beginning, one end, and nothing missing between them."""
        found = []
        for call, events in self.calls.items():
            kinds = [kind for _, kind in events]
            if [seq for seq, _ in events] != list(range(1, len(events) + 1)):
                found.append(f"events of call {call} are missing or in another order: {events}")
            elif kinds[0] != "created" or kinds[-1] != "ended" or kinds.count("created") != 1 or kinds.count("ended") != 1:
                found.append(f"call {call} has not one beginning and one end: {events}")
        return found
