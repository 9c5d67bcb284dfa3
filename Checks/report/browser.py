"""A headless Chromium, driven through its debugging pipe: nothing but Python's own library is needed."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 60


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="qpw-report-")
        to_it, self.ours = os.pipe()
        self.theirs, from_it = os.pipe()
        # It reads from descriptor 3 and writes to 4.
        command = 'exec 3<&"$0" 4>&"$1"; shift; exec "$@"'
        options = ["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
                   "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-component-update",
                   "--disable-background-networking", f"--user-data-dir={self.profile}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.process = subprocess.Popen(
            ["bash", "-c", command, str(to_it), str(from_it), "chromium", *options],
            pass_fds=(to_it, from_it), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.ours, json.dumps(message).encode() + b"\0")
        answer = self.receive(lambda message: message.get("id") == self.number)
        if "error" in answer:
            raise SystemExit(f"report: {method}: {answer['error']['message']}")
        return answer["result"]

    def receive(self, is_awaited):
        """The first message that is awaited; events before it are kept."""
        limit = time.monotonic() + PATIENCE
        while True:
            while b"\0" not in self.buffer:
                ready, _, _ = select.select([self.theirs], [], [], max(0, limit - time.monotonic()))
                piece = os.read(self.theirs, 1 << 20) if ready else b""
                if not piece:
                    raise SystemExit("report: chromium does not answer")
                self.buffer += piece
            line, _, self.buffer = self.buffer.partition(b"\0")
            message = json.loads(line)
            if "method" in message:
                self.events.append(message)
            if is_awaited(message):
                return message

    def open(self, path, width, height, scheme, media="", is_phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=is_phone)
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events = []
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        if not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.receive(lambda message: message.get("method") == "Page.loadEventFired")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"report: {result['exceptionDetails']}")
        return result["result"].get("value")

    def screenshot(self, path, width, begin, end):
        """Of the rows between `begin` and `end`: few programs show a picture of a whole page that is long."""
        clip = {"x": 0, "y": begin, "width": width, "height": end - begin, "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])
