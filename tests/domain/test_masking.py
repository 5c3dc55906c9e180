"""Command lines as people type them, and what of them the group may read."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.masking import LONGEST_COMMAND, one_line, shown_command


def shown(line: str) -> str:
    return shown_command(shlex.split(line))


@pytest.mark.parametrize(
    "line",
    [
        "python train.py --model vit --lr 1e-4 --batch-size 256",
        "python train.py --tokenizer bert-base --max-tokens 512 --num_tokens=77 --pad-token 0 --eos_token=2",
        "torchrun --nproc_per_node=2 --rdzv-id=77 finetune.py --key-dim 64 --key_padding_mask",
        "python -m ipykernel_launcher -f /home/lisi/.local/share/jupyter/runtime/kernel-1f.json",
        "python eval.py --ckpt runs/2026-11-25/best.pt model.hidden=1024",
        "python train.py --token-file /run/secrets/hf --monkey 3",
        "ssh -p 10001 lisi@gpu-lab",
        "mpirun -np 4 python a.py",
    ],
)
def test_plain_commands_stay(line: str) -> None:
    assert shown(line) == line


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python a.py --hf-token abc --epochs 3", "python a.py --hf-token *** --epochs 3"),
        ("python a.py --hf_token=abc", "python a.py --hf_token=***"),
        ("python a.py --api-key abc --secret=x --password -x", "python a.py --api-key *** --secret=*** --password ***"),
        (
            "jupyter lab --ServerApp.token=abc --NotebookApp.password=x",
            "jupyter lab --ServerApp.token=*** --NotebookApp.password=***",
        ),
        ("vllm serve m --api-key abc", "vllm serve m --api-key ***"),
        ("env WANDB_API_KEY=0123 HF_TOKEN_RW=x python a.py", "env WANDB_API_KEY=*** HF_TOKEN_RW=*** python a.py"),
        ("python a.py trainer.logger.api_key=abc", "python a.py trainer.logger.api_key=***"),
        ("git clone https://me:pw@example.org/x", "git clone https://***@example.org/x"),
        ("wget 'https://example.org/a?token=abc&part=1'", "wget https://example.org/a?token=***&part=1"),
        ("curl -u me:pw https://example.org", "curl -u *** https://example.org"),
        ("sshpass -p pw ssh host", "sshpass -p *** ssh host"),
        ("mysql -ppw lab", "mysql -p*** lab"),
        ("python -c \"login('hf_abcdefghijklmnopqrstuv')\"", "python -c login('***')"),
        ("bot 123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "bot ***"),
    ],
)
def test_secrets_go(line: str, expected: str) -> None:
    assert shown(line) == expected


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("curl -H 'Authorization: Bearer abcdefghijkl.mno'", "abcdefghijkl"),
        ('curl -d \'{"api_key": "a:b=c", "model": "x"}\'', "a:b"),
        ("python -c \"import os; os.environ['HF_TOKEN']='tiptop'; run()\"", "tiptop"),
        ("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig", "eyJ"),
        ("x AKIAIOSFODNN7EXAMPLE", "AKIA"),
        ("wandb login 0123456789abcdef0123456789abcdef01234567", "01234567"),
    ],
)
def test_secrets_inside_arguments_go(line: str, secret: str) -> None:
    assert secret not in shown(line)


def test_one_printable_line_of_a_bearable_length() -> None:
    line = shown_command(["python", "a\nb\x1b[31m", "中文 路径", "x" * 1000])
    assert line.isprintable()
    assert len(line) == LONGEST_COMMAND
    assert "'中文 路径'" in line


@given(st.lists(st.text(max_size=40), max_size=8))
def test_takes_any_arguments(arguments: list[str]) -> None:
    assert len(shown_command(arguments)) <= LONGEST_COMMAND


@given(
    st.sampled_from(["--api-key", "--password", "--hf_token", "-token", "--client-secret"]),
    st.from_regex(r"[A-Za-z0-9+/_=]{12,40}", fullmatch=True),
    st.booleans(),
)
def test_no_value_of_a_secret_option_is_shown(option: str, value: str, joined: bool) -> None:
    arguments = ["python", "a.py", f"{option}={value}"] if joined else ["python", "a.py", option, value]
    assert value not in shown_command(arguments)


def test_what_a_program_calls_itself_is_one_line_that_reads_from_left_to_right() -> None:
    assert one_line("x)\n\n⚠️ 李四\u202e\x1b[31m\udcff") == "x)  ⚠️ 李四  [31m"
