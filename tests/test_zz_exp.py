import os, signal, time, pathlib, pytest
from faults import Held, is_waiting, note_request
from wire import Wire
from client import Client
from instance import until
def test_stop(broken):
    c = broken.client(); case = broken.contact.submit()
    pids=[broken.cluster.pid]+[int(x) for x in pathlib.Path(f"/proc/{broken.cluster.pid}/task/{broken.cluster.pid}/children").read_text().split()]
    for p in pids: os.kill(p, signal.SIGSTOP)
    try:
        t=time.time()
        with Wire(broken.service, timeout=40) as w:
            w.send(w.get(case.path, "Authorization: Bearer "+broken.contact.token))
            try:
                a=w.answer("GET",case.path); print("ANSWER", a.status, time.time()-t)
            except Exception as e: print("NO ANSWER", repr(e), time.time()-t)
        print("readyz", Client(broken.service).get("/readyz").status)
    finally:
        for p in pids: os.kill(p, signal.SIGCONT)
    until(lambda: c.get(case.path).status==200)
def test_crowd(broken):
    case = broken.contact.submit()
    N=400
    with Held(broken, case) as held:
        ws=[Wire(broken.service) for _ in range(N)]
        for i,w in enumerate(ws): w.send(note_request(w, broken, case, f"crowd {i}"))
        until(lambda: is_waiting(broken)); time.sleep(1)
        t=time.time(); held.release()
        st={}
        for i,w in enumerate(ws):
            a=w.answer("POST",case.path+"/notes"); st[a.status]=st.get(a.status,0)+1
            if a.status==201: assert a["text"]==f"crowd {i}"
        print("CROWD", st, time.time()-t)
