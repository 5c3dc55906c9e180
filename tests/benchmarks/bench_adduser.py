"""How long a new container takes from the plan to the SSH banner, on a private real LXD.

    python -m tests.benchmarks.bench_adduser [ROUNDS] [BATCH]        (root; see tests/real/lxd_lab.py)

The yardstick is `adduser.sh`: the same steps as a shell script of `lxc` calls, run in turn with ours in the same lab.
Budget: at most 0.7 of it. A batch runs BATCH of ours at once, against the same number one after the other.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from bot.adapters.host_keys import make_host_keys
from bot.adapters.lxd import LxdInstances
from bot.adapters.ssh_banner import wait_for_ssh
from bot.domain.instance import Dataset
from bot.domain.password import new_password
from bot.domain.provisioning import Limits, Plan, Step
from bot.services.provisioning import provision
from tests.real.lxd_lab import TEMPLATE, Lab, borrowed_lab, free_port, why_not

SCRIPT = Path(__file__).with_name("adduser.sh")
BUDGET = 0.7


async def ours(lxd: LxdInstances, name: str, datasets: str) -> None:
    async def on_step(_step: Step) -> None:
        return None

    plan = Plan(
        "bench",
        name,
        name,
        name,
        TEMPLATE,
        free_port(),
        new_password(),
        datasets=(Dataset(datasets, "/mnt/datasets"),),
        limits=Limits(cpu="1"),
    )
    await provision(lxd, plan, make_host_keys, wait_for_ssh, on_step)


async def script(lab: Lab, name: str, datasets: str) -> None:
    await asyncio.to_thread(
        subprocess.run,
        [str(SCRIPT), name, str(free_port()), datasets],
        input=f"{new_password().reveal()}\n",
        text=True,
        env=lab.environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )


async def seconds(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def measure(lab: Lab, rounds: int, batch: int, datasets: str) -> None:
    lxd = LxdInstances(lab.socket)
    bot, shell = [], []
    for number in range(rounds):
        bot.append(await seconds(ours(lxd, f"bot{number}", datasets)))
        lab.clear()
        shell.append(await seconds(script(lab, f"shell{number}", datasets)))
        lab.clear()
    ratio = statistics.median(bot) / statistics.median(shell)
    print(f"adduser, plan to banner: {_spread(bot)}; as a shell script: {_spread(shell)}")
    print(f"ratio {ratio:.2f} (budget {BUDGET})")
    in_turn = 0.0
    for number in range(batch):
        in_turn += await seconds(ours(lxd, f"turn{number}", datasets))
    lab.clear()
    at_once = await seconds(asyncio.gather(*(ours(lxd, f"once{number}", datasets) for number in range(batch))))
    print(f"{batch} in turn {in_turn:.1f} s, at once {at_once:.1f} s: {in_turn / at_once:.1f} times as fast (budget 2)")
    await lxd.close()
    lab.clear()


def _spread(times: list[float]) -> str:
    return f"median {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f}, {len(times)} runs)"


def main() -> None:
    if (reason := why_not()) is not None:
        raise SystemExit(reason)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    batch = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with borrowed_lab() as lab, tempfile.TemporaryDirectory() as datasets:
        Path(datasets).chmod(0o755)
        asyncio.run(measure(lab, rounds, batch, datasets))


if __name__ == "__main__":
    main()
