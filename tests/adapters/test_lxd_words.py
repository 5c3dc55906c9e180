"""LXD's words and JSON as junzi's errors and values, without an LXD."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import requests
from pylxd import exceptions

from bot.adapters.lxd_errors import LxdSaidNo, in_our_words, instance_error
from bot.adapters.lxd_reading import read_gpus, read_instance, read_pool, read_usage
from bot.domain import errors
from bot.domain.instance import HostGpu, InstanceStatus, InstanceUsage

# As LXD 5.0.2 said them.
WORDS = [
    ('Failed to start device "gpu": Failed to detect requested GPU device', errors.CardDeviceMissing),
    ('Failed to start device "p": Invalid PCI address (no device found): 0000:99:00.0', errors.CardDeviceMissing),
    ("Error: Failed to listen on 0.0.0.0:1: listen tcp 0.0.0.0:1: bind: address already in use", errors.PortTaken),
    ("Failed to receive fd from listener process: Failed to receive file descriptor via abstract", errors.PortTaken),
    ('Failed add validation for device "d": Missing source path "/nope" for disk "d"', errors.SourceMissing),
    ('Add instance info to the database: This "instances" entry already exists', errors.InstanceExists),
    ('Failed to create instance start operation: Instance is busy running a "update" operation', errors.InstanceBusy),
    ("A matching non-reusable operation has now succeeded", errors.InstanceBusy),
    ('Failed to fetch instance "nope" in project "default": Instance not found', errors.InstanceNotFound),
    ("Missing event connection with target cluster member", errors.LxdUnreachable),
    ("Failed to write backup file: disk quota exceeded", errors.InstanceError),
]


@pytest.mark.parametrize(("words", "kind"), WORDS)
def test_words_are_sorted_and_kept(words, kind):
    error = instance_error(LxdSaidNo(words, 200))
    assert type(error) is kind
    assert str(error) == words


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectionError("refused"),
        requests.ReadTimeout("30 s"),
        exceptions.ClientConnectionFailed("away"),
        ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_no_answer_is_no_answer_whoever_noticed(error):
    with pytest.raises(errors.LxdUnreachable), in_our_words():
        raise error


def _response(status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body
    return response


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"metadata": null}', b'{"error": ""}', b"\xff"])
def test_an_answer_without_words_is_still_an_error(body):
    for status in (200, 500):
        error = instance_error(exceptions.LXDAPIException(_response(status, body)))
        assert type(error) is errors.InstanceError
        assert str(error)


def test_a_plain_404_is_not_found():
    error = instance_error(exceptions.NotFound(_response(404, b'{"error": "Not Found"}')))
    assert type(error) is errors.InstanceNotFound


def test_a_404_for_a_device_of_the_host_does_not_say_that_a_container_is_gone():
    body = b'{"error": "Failed to retrieve storage information: lstat /dev/vda: no such file or directory"}'
    assert type(instance_error(exceptions.NotFound(_response(404, body)))) is errors.InstanceError


def test_a_programs_own_mistake_is_not_called_lxds():
    with pytest.raises(KeyError), in_our_words():
        raise KeyError("name")


def test_an_instance_is_read_with_what_is_missing():
    bare = read_instance({"name": "a", "status": "Starting", "created_at": "0001-01-01T00:00:00Z"})
    assert (bare.status, bare.created_at, bare.profiles) == (InstanceStatus.UNKNOWN, None, ())
    full = read_instance({"name": "a", "status": "Running", "created_at": "2026-11-25T22:20:16.123456789Z"})
    assert full.is_running
    assert full.created_at == datetime(2026, 11, 25, 22, 20, 16, tzinfo=timezone.utc)


def test_usage_is_a_number_or_unknown_never_a_false_zero():
    assert read_usage({"status": "Stopped", "network": None}) == InstanceUsage()
    addresses = [
        {"family": "inet6", "address": "fd42::1", "scope": "global"},
        {"family": "inet6", "address": "fe80::1", "scope": "link"},
        {"family": "inet", "address": "10.0.0.2", "scope": "global"},
    ]
    state = {
        "status": "Running",
        "memory": {"usage": 5},
        "disk": {"root": {"usage": 7}},
        "network": {"lo": {"addresses": [{"address": "127.0.0.1"}]}, "eth0": {"addresses": addresses}},
    }
    assert read_usage(state) == InstanceUsage(("10.0.0.2", "fd42::1"), 5, 7)


def test_btrfs_figure_leaves_out_what_snapshots_share_and_is_no_figure_of_what_the_limit_counts():
    for status in ("Running", "Stopped"):
        assert read_usage({"status": status, "disk": {"root": {"usage": 7}}}, "btrfs").disk_bytes is None
        assert read_usage({"status": status, "disk": {"root": {"usage": 7}}}, "zfs").disk_bytes == 7


def test_the_pool_of_an_instance_is_that_of_its_own_disk():
    devices = {
        "sets": {"type": "disk", "path": "/mnt/sets", "source": "/srv", "pool": "other"},
        "root": {"type": "disk", "path": "/", "pool": "default"},
    }
    assert read_pool({"expanded_devices": devices}) == "default"
    assert read_pool({}) == ""


def test_cards_are_read_by_pci_address_in_lxds_form():
    cards = [
        {"pci_address": "0000:1B:00.0", "vendor_id": "10de", "nvidia": {"uuid": "GPU-1"}},
        {"pci_address": "0000:03:00.0", "vendor_id": "1a03"},
        {"vendor_id": "10de"},
    ]
    assert read_gpus({"gpu": {"cards": cards}}) == (
        HostGpu("0000:1b:00.0", "10de", "GPU-1"),
        HostGpu("0000:03:00.0", "1a03", None),
    )
    assert read_gpus({"gpu": {"cards": None}}) == ()
