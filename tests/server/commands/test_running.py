import signal
import subprocess
import sys

WAITING = """
import asyncio, signal, threading
from server.commands.running import run

async def wait():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # so the other thread gets it, and nothing interrupts the sleep
    print("asleep", flush=True)
    await asyncio.sleep(600)

try:
    run(wait())
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


def test_ctrl_c_wakes_a_loop_that_sleeps():
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "asleep\n"
        process.send_signal(signal.SIGINT)
        try:
            assert process.communicate(timeout=20)[0] == "stopped\n"
        finally:
            process.kill()
