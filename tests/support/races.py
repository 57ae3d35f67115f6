"""Two things at one instant, as they come: what must hold whoever is first.
Those whose order counts meet at a lock (meeting.py).

at_once() starts its actions together, each in a thread with a connection of
its own, and returns their results.
"""

import threading


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


def statuses(answers):
    return sorted(answer.status for answer in answers)
