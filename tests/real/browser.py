"""A headless Chromium to look at pages with: start it, open, click, type, read, take pictures.

It speaks the DevTools protocol over one WebSocket, which is all a page test needs; Playwright and its downloads
are not wanted for that.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

# Resolves to the middle of an element once it has stood still for three frames: scrolling and animations move it.
STILL = """selector => new Promise(resolve => {
    document.querySelector(selector).scrollIntoView({ block: 'nearest' });
    let last = '', still = 0;
    const look = () => {
        const box = document.querySelector(selector)?.getBoundingClientRect();
        const now = JSON.stringify(box);
        still = now === last ? still + 1 : 0;
        last = now;
        if (box && still === 3) resolve([box.x + box.width / 2, box.y + box.height / 2]);
        else setTimeout(look, 16);
    };
    look();
})"""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium, None if this machine has none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class PageError(AssertionError):
    """The page threw, or what was asked for did not come."""


class Tab:
    """One page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Talk over this socket."""
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.errors: list[str] = []
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                self._answers.pop(data["id"]).set_result(data)
            elif data.get("method") == "Runtime.exceptionThrown":
                details = data["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description") or details["text"])
            elif data.get("method") == "Log.entryAdded" and data["params"]["entry"]["level"] == "error":
                self.errors.append(data["params"]["entry"]["text"])

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a DevTools method."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        data = await asyncio.wait_for(answer, 30)
        if "error" in data:
            raise PageError(f"{method}: {data['error']['message']}")
        return data["result"]

    async def open(self, url: str, width: int = 1280, height: int = 800) -> None:
        """Open a page at a size; a narrow one behaves like a phone."""
        await self.resize(width, height)
        await self.send("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        phone = width < 600
        await self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                        deviceScaleFactor=2 if phone else 1, mobile=phone)  # fmt: skip
        await self.send("Emulation.setTouchEmulationEnabled", enabled=phone)

    async def evaluate(self, script: str) -> Any:
        """Return the value of a JavaScript expression, promises awaited."""
        result = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True,
                                 userGesture=True)  # fmt: skip
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return result["result"].get("value")

    async def until(self, condition: str, seconds: float = 10.0) -> Any:
        """Return the first true value of an expression; the page itself looks again after every frame."""
        milliseconds = int(seconds * 1000)
        script = f"""new Promise((resolve, reject) => {{
            const end = performance.now() + {milliseconds};
            const look = () => {{
                let value;
                try {{ value = ({condition}); }} catch (error) {{ value = null; }}
                if (value) resolve(value === true || typeof value !== 'object' ? value : true);
                else if (performance.now() > end) reject(new Error('never true: ' + {json.dumps(condition)}));
                else setTimeout(look, 16);
            }};
            look();
        }})"""
        for attempt in (1, 2, 3):
            try:
                return await self.evaluate(script)
            except PageError as error:
                # A page that is just being replaced drops its promises.
                if attempt == 3 or "never true" in str(error):
                    raise
        return None

    async def click(self, selector: str, button: str = "left") -> None:
        """Click the middle of the first element that fits, as a hand would."""
        quoted = json.dumps(selector)
        await self.until(f"document.querySelector({quoted})?.getClientRects().length")
        x, y = await self.evaluate(f"({STILL})({quoted})")
        for kind in ("mousePressed", "mouseReleased"):
            await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1)

    async def type(self, text: str, *, enter: bool = False) -> None:
        """Type into what has the focus."""
        await self.send("Input.insertText", text=text)
        if enter:
            await self.key("Enter", 13)

    async def key(self, name: str, code: int) -> None:
        """Press a named key."""
        extra = {"text": "\r"} if name == "Enter" else {}
        await self.send("Input.dispatchKeyEvent", type="keyDown", key=name, windowsVirtualKeyCode=code, **extra)
        await self.send("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    async def screenshot(self, path: str | Path) -> Path:
        """Take a picture of what is on the screen."""
        await self.evaluate(
            "Promise.all(document.getAnimations().filter(a => a.effect?.getComputedTiming().iterations !== Infinity)"
            ".map(a => a.finished.catch(() => 0))).then(() => true)"
        )
        data = await self.send("Page.captureScreenshot", format="png")
        target = Path(path)
        target.write_bytes(base64.b64decode(data["data"]))
        return target

    async def close(self) -> None:
        """Stop listening."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Tab]:
    """Start a browser with one page, and end it."""
    path = find_browser()
    if path is None:
        raise RuntimeError("no Chromium on this machine")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            path, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-background-networking",
            *(["--no-sandbox"] if os.geteuid() == 0 else []), "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            address = await asyncio.wait_for(_address(process), 60)
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://{address}/json/list") as answer:
                    pages = [page for page in await answer.json(content_type=None) if page["type"] == "page"]
                socket = await session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0)
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await tab.send(f"{domain}.enable")
                yield tab
                await tab.close()
        finally:
            process.kill()
            await process.wait()
            # Reading to the end closes the pipe, which else would be collected with a warning.
            if process.stderr is not None:
                await process.stderr.read()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Return host and port that the browser tells on stderr."""
    assert process.stderr is not None
    async for line in process.stderr:
        if b"DevTools listening on ws://" in line:
            return line.decode().split("ws://")[1].split("/")[0]
    raise RuntimeError("the browser ended before it was ready")
