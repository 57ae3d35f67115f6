"""Two things at one instant, many times.

    for a, b in race(200, lambda: case.close(contact), lambda: job()):

at_once() starts its actions together, each in a thread with a connection of
its own, and returns their results. race() repeats it and yields each round's
results; where a round needs a fresh start, `prepare` makes what both actions
get.
"""

import threading

ROUNDS = 200


def at_once(*actions):
    """Runs the actions at the same moment; their results in order. The
    first exception of an action is raised here."""
    results = [None] * len(actions)
    barrier = threading.Barrier(len(actions))

    def run(i, action):
        barrier.wait()
        try:
            results[i] = action()
        except BaseException as fault:
            results[i] = fault
    threads = [threading.Thread(target=run, args=(i, action))
               for i, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def race(rounds, *actions, prepare=None):
    """Yields (what prepare() made, results of the actions) of each round, or
    only the results when nothing was to be prepared."""
    for _ in range(rounds):
        if prepare is None:
            yield at_once(*actions)
            continue
        made = prepare()
        yield made, at_once(*(lambda action=action: action(made)
                              for action in actions))


def statuses(answers):
    return sorted(answer.status for answer in answers)
