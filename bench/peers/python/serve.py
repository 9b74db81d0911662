"""One peer as a process: prepares work by its description, and times repetitions of it from within.

    python serve.py MODULE THREADS        (THREADS: 1, or 0 for as the peer comes)

Speaks JSON, a line a message. First {"versions"}; then for {"prepare": work} {"id", "values", "detail"}, for {"run": id, "repetitions"}
{"seconds"}, for {"drop": id} {}; or {"error"}, with {"missing": true} where the peer is not installed.
"""
import importlib
import json
import os
import sys
from time import perf_counter


def main():
    name, threads = sys.argv[1], int(sys.argv[2])
    # Libraries may print; the answers go where nobody else writes.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        peer = importlib.import_module(name)
        peer.set_threads(threads)
        answer({"versions": {key: str(value) for key, value in peer.VERSIONS.items()}})
    except ImportError as error:
        answer({"error": str(error), "missing": True})
        return

    prepared = {}
    for line in sys.stdin:
        message = json.loads(line)
        try:
            answer(reply(peer, prepared, message))
        except Exception as error:  # The other side decides what a failure means.
            answer({"error": f"{type(error).__name__}: {error}"})


def reply(peer, prepared, message):
    if "prepare" in message:
        work = message["prepare"]
        if work["kind"] not in peer.PREPARE:
            raise NotImplementedError(f"no work of the kind {work['kind']}")
        values, run, detail = peer.PREPARE[work["kind"]](work)
        number = max(prepared, default=0) + 1
        prepared[number] = run
        return {"id": number, "values": [float(value) for value in values], "detail": detail}
    if "run" in message:
        run, repetitions = prepared[message["run"]], message["repetitions"]
        start = perf_counter()
        run(repetitions)
        return {"seconds": perf_counter() - start}
    prepared.pop(message["drop"], None)
    return {}


main()
