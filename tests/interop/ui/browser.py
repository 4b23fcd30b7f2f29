# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, spoken to by its DevTools protocol over two pipes.

It waits for what a page shows, never for time; what the page asked the server and what it
complained of are kept.
"""
import base64
import json
import os
import select
import subprocess
import time

PATIENCE = 60  # seconds for what a page should show at once


class Failure(Exception):
    pass


class Browser:
    def __init__(self, program, profile, log):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()

        def take_pipes():
            # Both ends first onto numbers that the other does not have.
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self._process = subprocess.Popen(
            [
                program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
                "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={profile}",
                "--window-size=1400,1100", "about:blank",
            ],
            preexec_fn=take_pipes, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self._session = None
        self.requests = {}  # by the browser's id: [method, URL, status or None]
        self.complaints = []  # exceptions, what a policy or the server refused
        self.said = []  # errors that the page itself writes, which often say nothing
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        self._session = self._call(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._call(f"{domain}.enable")

    def close(self):
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        self._process.wait()

    # --- the protocol: JSON that ends with a NUL ---

    def _receive(self, deadline):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self._in, 1 << 16) if ready else b""
            if not piece:
                raise Failure("the browser says nothing")
            self._buffer += piece
        message, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(message)
        if "method" in message:
            self._note(message["method"], message["params"])
        return message

    def _note(self, event, params):
        if event == "Network.requestWillBeSent":
            request = params["request"]
            self.requests[params["requestId"]] = [request["method"], request["url"], None]
        elif event == "Network.responseReceived" and params["requestId"] in self.requests:
            self.requests[params["requestId"]][2] = params["response"]["status"]
        elif event == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif event == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.said += [str(one.get("description", one.get("value"))) for one in params["args"]]
        elif event == "Log.entryAdded" and params["entry"]["level"] == "error":
            entry = params["entry"]
            self.complaints.append(f'{entry["text"]} {entry.get("url", "")}')

    def _call(self, method, **params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data):]
        deadline = time.monotonic() + PATIENCE + 10
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Failure(f'{method}: {answer["error"]["message"]}')
                return answer["result"]

    # --- pages ---

    def prepare(self, script):
        """What each page of a server runs before its own scripts."""
        source = f"if (location.protocol.startsWith('http')) {{ {script} }}"
        self._call("Page.addScriptToEvaluateOnNewDocument", source=source)

    def run(self, script):
        """The value of an expression in the page, a promise's when it has it."""
        answer = self._call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Failure(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def open(self, url):
        """The address; one that differs only behind '#' is another page of the UI all the same.
        What is wrong with it is said, or nothing."""
        self._call("Page.navigate", url="about:blank")
        return self._call("Page.navigate", url=url).get("errorText")

    def wait(self, condition, what):
        """Until the expression is true of the page, which is looked at when it changes."""
        script = """new Promise((done) => {
            const look = () => { try { return %s } catch (error) { return false } };
            if (look()) return done(true);
            const stop = (found) => { observer.disconnect(); clearTimeout(timer); done(found) };
            const observer = new MutationObserver(() => look() && stop(true));
            observer.observe(document, {subtree: true, childList: true, characterData: true,
                                        attributes: true});
            const timer = setTimeout(() => stop(look()), %d);
        })""" % (condition, PATIENCE * 1000)
        if not self.run(script):
            raise Failure(f"{what} is not there; the page says:\n{self.text()}")

    def text(self):
        """What a person reads, in boxes that they write into, too."""
        return self.run(
            "document.body.innerText + [...document.querySelectorAll('input, textarea')]"
            ".map((one) => '\\n' + one.value).join('')"
        )

    def shows(self, *texts):
        for text in texts:
            self.wait(f"document.body.innerText.includes({json.dumps(text)})", repr(text))

    def click(self, selector, text=""):
        """The first thing that matches, and holds the text."""
        find = (
            f"[...document.querySelectorAll({json.dumps(selector)})]"
            f".find((one) => one.innerText.includes({json.dumps(text)}))"
        )
        self.wait(find, f"{selector} {text}")
        # As a mouse does, since menus open when it goes down.
        self.run(
            f"""(() => {{ const one = {find};
            one.scrollIntoView({{block: 'center'}});
            for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
                one.dispatchEvent(new (kind[0] === 'p' ? PointerEvent : MouseEvent)(kind,
                    {{bubbles: true, cancelable: true, button: 0, view: window}})); }})()"""
        )

    def type(self, selector, text):
        self.wait(f"document.querySelector({json.dumps(selector)})", selector)
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self._call("Input.insertText", text=text)

    def shoot(self, path):
        with open(path, "wb") as png:
            png.write(base64.b64decode(self._call("Page.captureScreenshot")["data"]))


def use(visit, program, profile, log, script):
    """Has `visit` use a browser in which `script` ran before each page; what it complained of."""
    browser = Browser(program, profile, open(log, "w", encoding="utf-8"))
    browser.prepare(script)
    try:
        visit(browser)
    except Failure:
        browser.shoot("failed.png")
        print("the browser says", browser.complaints, browser.said)
        raise
    finally:
        browser.close()
    return browser.complaints
