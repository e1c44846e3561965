"""Drives one client library: takes jobs as JSON, does them with the client that `SDK_CLIENT` names, prints what was seen.

    python driver.py '{"base_url": …, "dialect": …, "mode": …, "what": …, "timeout": 2, "watchdog": 10}'

One job on the command line, or one a line on standard input, which are then done at the same time, each with a client of its
own. Every job gives one line: `{"id": …, "saw": {…}}`. What is seen is told in the words of `saw.py`, whatever the client calls
it. A job that is not over when its watchdog barks is reported as a hang, with what had been seen until then.
"""

import asyncio
import copy
import importlib
import json
import os
import sys
import threading
import time

from saw import NotAnAnswer, error_of

client = importlib.import_module(f"client_{os.environ['SDK_CLIENT']}")
printing = threading.Lock()
# One for all, as in a server: some clients keep connections for the loop that they were made in.
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()


class Heart:
    """Beats, and remembers when it could not: a client that gets no time of the processor looks like one that is slow."""

    EVERY = 0.05

    def __init__(self):
        self.late = []
        threading.Thread(target=self.beat, daemon=True).start()

    def beat(self):
        while True:
            before = time.monotonic()
            time.sleep(self.EVERY)
            late = time.monotonic() - before - self.EVERY
            if late > self.EVERY:
                self.late.append((before, late))

    def latest(self, since):
        """How late it was at most since then, in seconds."""
        return max((late for before, late in list(self.late) if before + late + self.EVERY >= since), default=0.0)


heart = Heart()


def complete(job, saw):
    """Does a job; whatever it raises is part of what is seen."""
    began = time.monotonic()
    try:
        work = client.run(job, saw)
        if job["mode"].startswith("async"):
            asyncio.run_coroutine_threadsafe(work, loop).result()
        else:
            without_loop(work)
    except NotAnAnswer:
        pass
    except BaseException as error:
        saw.update(error_of(error))
    saw["seconds"] = round(time.monotonic() - began, 3)


def without_loop(work):
    """A blocking client never gives control away, so its coroutine is over at once, and no event loop is in its way."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("a blocking client waited for an event loop")


def watched(job):
    saw, began = {}, time.monotonic()
    worker = threading.Thread(target=complete, args=(job, saw), daemon=True)
    worker.start()
    worker.join(job["watchdog"])
    seen = copy.deepcopy(dict(saw))
    if "seconds" not in seen:
        seen["hang"] = True
    seen["late"] = round(heart.latest(began), 3)
    with printing:
        print(json.dumps({"id": job.get("id"), "saw": seen}), flush=True)


def main():
    if len(sys.argv) > 1:
        watched(json.loads(sys.argv[1]))
    else:
        watchers = []
        for line in sys.stdin:
            watchers.append(threading.Thread(target=watched, args=(json.loads(line),)))
            watchers[-1].start()
        for watcher in watchers:
            watcher.join()
    # Whatever still hangs is left behind.
    sys.stdout.flush()
    os._exit(0)


main()
