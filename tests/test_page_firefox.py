"""The page in Firefox ESR, headless, driven through the protocol that it speaks itself (WebDriver BiDi): no driver program."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import websocket
from PIL import Image

import regionmap as rm

CORRIDOR, KM = "沈铁城际铁路", 12.34
# every request to a port that nobody listens on; nothing of Firefox's own at the start
PREFERENCES = {"network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1",
               "network.proxy.ssl_port": 9, "browser.shell.checkDefaultBrowser": False, "browser.startup.homepage_override.mstone": "ignore",
               "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.reportingpolicy.firstRun": False}  # fmt: skip


class Firefox:
    """One tab: what it asks of the network and what it complains of is remembered."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(f"{address}/session", timeout=60, suppress_origin=True)
        self.sent, self.requests, self.errors = 0, list[str](), list[str]()
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.tab = self.call("browsingContext.getTree")["contexts"][0]["context"]
        self.call("browsingContext.setViewport", context=self.tab, viewport={"width": 1600, "height": 900})

    def call(self, method: str, **params: Any) -> Any:
        self.sent += 1
        self.socket.send(json.dumps({"id": self.sent, "method": method, "params": params}))
        while (said := json.loads(self.socket.recv())).get("id") != self.sent:
            self.note(said.get("method"), said.get("params"))
        assert said["type"] == "success", said
        return said["result"]

    def note(self, method: str, event: Any) -> None:
        if method == "log.entryAdded" and event["level"] in ("warn", "error"):
            self.errors.append(event["text"])
        if method == "network.beforeRequestSent" and event["context"] == self.tab and not event["request"]["url"].startswith("data:"):
            self.requests.append(event["request"]["url"])

    def run(self, script: str) -> Any:
        """What a function without arguments returns or resolves to, as JSON holds it."""
        done = self.call(
            "script.evaluate", expression=f"(async () => JSON.stringify(await ({script})()))()", target={"context": self.tab}, awaitPromise=True
        )
        assert done["type"] == "success", done
        return json.loads(done["result"]["value"])


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    program = os.environ.get("FIREFOX_PATH") or shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        pytest.fail("no Firefox found: apt-get install firefox-esr, or set FIREFOX_PATH", pytrace=False)
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "user.js").write_text("".join(f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()))
    words = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, "HOME": str(profile)})
    assert process.stderr is not None
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"BiDi listening on (ws://\S+)", line):
                break
        else:
            pytest.fail(f"Firefox did not start: {''.join(said)}", pytrace=False)
        yield Firefox(found[1])
    finally:
        process.kill()
        process.wait()


def test_firefox_opens_paints_and_answers_offline(region: Any, tmp_path: Path, firefox: Firefox) -> None:
    recipe = {"title": "沈铁", "frame": "沈阳市 + 铁岭市", "layer": [{"title": "园区", "show": "parks"}, {"title": "走廊", "show": "corridors"}]}
    path = tmp_path / "x.html"
    rm.save_html(rm.render(region, recipe), path)
    firefox.call("browsingContext.navigate", context=firefox.tab, url=path.as_uri(), wait="complete")
    state = firefox.run(
        "async () => { for (let n = 0; n < 400 && document.getElementById('rm-app').dataset.state !== 'ready'; n++) await new Promise((done) => setTimeout(done, 25));"
        " return document.getElementById('rm-app').dataset.state; }"
    )
    assert state == "ready", firefox.errors
    corridor = region.feature(CORRIDOR).index[0]
    rows = firefox.run(f"() => regionmap.ask({json.dumps(corridor)}, {KM})")
    truth = rm.near(region.candidates(corridor), region.records.loc[[corridor]], within_m=KM * 1000)
    assert len(rows) > 20
    assert {r["id"]: r["certainty"] for r in rows} == dict(zip(truth["id"], truth["certainty"], strict=True))
    gaps = np.array([r["distance_m"] for r in rows]) - truth.set_index("id")["distance_m"].loc[[r["id"] for r in rows]].to_numpy()
    assert np.abs(gaps).max() < 1
    assert firefox.run("() => document.querySelectorAll('#rm-rows tr button').length") > 5
    found = firefox.run("() => { const s = document.getElementById('rm-search'); s.value = '沈铁城际'; s.oninput(); return document.getElementById('rm-found').textContent; }")
    assert "沈铁城际、市域(郊)铁路" in found
    shot = firefox.call("browsingContext.captureScreenshot", context=firefox.tab)["data"]
    picture = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB").crop((420, 100, 1600, 860))
    colours = picture.getcolors(maxcolors=1 << 24)
    assert len(colours) > 200 and max(count for count, _ in colours) < 0.9 * picture.width * picture.height
    assert set(firefox.requests) <= {path.as_uri()} and firefox.errors == []
    asks = tmp_path / "asks.html"  # so that "no request" says something
    asks.write_text("<!DOCTYPE html><img src=https://a.example/x.png>")
    firefox.call("browsingContext.navigate", context=firefox.tab, url=asks.as_uri(), wait="complete")
    assert "https://a.example/x.png" in firefox.requests
