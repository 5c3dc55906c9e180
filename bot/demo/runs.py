"""What students of the made-up lab run, and the script that makes a trespass happen while somebody watches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.hardware import GIB


@dataclass(frozen=True)
class Program:
    """A command as people type it. `effort` is its usual load in percent, `cards` how many it spreads over."""

    command: str
    memory_bytes: int
    effort: int = 95
    cards: int = 1
    folder: str = "work"
    environment: str | None = None
    session_name: str | None = None


VIT = Program(
    "python train.py --model vit_b16 --data /mnt/datasets/imagenet --batch-size 128",
    11 * GIB,
    97,
    1,
    "vit",
    "conda torch2",
    "tmux train",
)
DETECTION = Program("python train.py --config configs/yolo_v8m.yaml --epochs 100", 8 * GIB, 88, 1, "detect")
NOTEBOOK = Program(
    "python -m ipykernel_launcher -f /run/user/1000/jupyter/kernel-7c1e.json", 2 * GIB, 3, 1, "notebooks"
)
EVALUATION = Program("python eval.py --ckpt runs/42/best.pt --split test", 5 * GIB, 61, 1, "vit")
DIFFUSION = Program(
    "accelerate launch train_lora.py --resolution 512 --rank 16", 17 * GIB, 99, 1, "sd-lora", "conda diffusers"
)
FINETUNE = Program(
    "torchrun --nproc_per_node=2 finetune.py --model Qwen2.5-7B --bf16 --seq-len 4096", 58 * GIB, 96, 2, "llm"
)
SERVING = Program("vllm serve Qwen/Qwen2.5-7B-Instruct --max-model-len 8192 --api-key ***", 62 * GIB, 34, 1, "llm")
HABITS = (VIT, DETECTION, NOTEBOOK, EVALUATION, DIFFUSION, FINETUNE, SERVING)


@dataclass(frozen=True)
class Act:
    """At `after` from the start, and again `every` so often, `actor` runs `program` on that card.

    Without an actor anybody may play it whose container runs, except those `not_by`.
    """

    program: Program
    card_index: int
    after: timedelta
    lasts: timedelta
    every: timedelta
    actor: str | None = None
    not_by: frozenset[str] = frozenset()


def opening_acts(holder: str, intruder: str | None = None, card_index: int = 0) -> tuple[Act, ...]:
    """`holder`, who is to have booked that card, trains on it; half a minute later somebody else lands there too.

    At a poll of 15 seconds or less the warning is out after a minute and resolved before the second is over.
    """
    own = Act(VIT, card_index, *_seconds(4, 25 * 60, 30 * 60), holder)
    foreign = Act(DETECTION, card_index, *_seconds(30, 60, 8 * 60), intruder, frozenset({holder}))
    return own, foreign


def _seconds(after: int, lasts: int, every: int) -> tuple[timedelta, timedelta, timedelta]:
    return timedelta(seconds=after), timedelta(seconds=lasts), timedelta(seconds=every)


@dataclass(frozen=True)
class Run:
    """One process on one made-up card. `instance` None: the host's own. `ends_at` None: until somebody ends it."""

    pid: int
    instance: str | None
    card_index: int
    command: str
    memory_bytes: int
    started_at: datetime
    ends_at: datetime | None
    effort: int
    process_group: int
    folder: str | None
    warms_up: bool = False
    environment: str | None = None
    session_name: str | None = None

    def memory_at(self, now: datetime) -> int:
        """A training run takes its memory in the first ten seconds."""
        age = max(0.0, (now - self.started_at).total_seconds())
        return int(self.memory_bytes * min(1.0, 0.2 + age / 12.5)) if self.warms_up else self.memory_bytes
