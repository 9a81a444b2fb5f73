"""One call as an engine plays it to the end: `call.route`, then `call.continue` until there is a decision."""
import base64

DID, CALLER = "+31502102544", "+31612345678"

IVR = {"timeout": "7s", "max_attempts": 3, "max_digits": 6, "terminator": "#", "start_message": "enter-code",
       "incorrect_message": "wrong-code", "timeout_message": "too-slow"}


def ask(engine, method, **params):
    """The whole answer to one request, be it a result or an error."""
    request = engine.request(method, params)
    engine.send_json(request)
    answer = engine.answer()
    assert answer["id"] == request["id"], f"not the answer to {request}: {answer}"
    return answer


def result(engine, method, **params):
    answer = ask(engine, method, **params)
    assert "result" in answer, f"{method} was refused: {answer}"
    return answer["result"]


def begin(engine, **params):
    return result(engine, "call.route", **{"did": DID, "callerid": CALLER, **params})


def go_on(engine, last, **params):
    """The next result, where `last` is the one before."""
    return result(engine, "call.continue", state=last["state"], **params)


def enter(engine, last, *codes):
    """Enters one code after the other; None lets the time pass."""
    for code in codes:
        last = go_on(engine, last, **({"timeout": True} if code is None else {"code": code}))
    return last


def refusal(engine, method, **params):
    """The error of a request that must be refused."""
    answer = ask(engine, method, **params)
    assert "error" in answer, f"{method} was not refused: {answer}"
    return answer["error"]


def decoded(state):
    """The bytes that a state carries."""
    text = state.partition(".")[2]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
