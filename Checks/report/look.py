#!/usr/bin/env python3
"""Looks at a report's page as its readers would, and says what is wrong with it.

  look.py PAGE DIRECTORY    leaves screenshots and the PDF in the directory
  look.py --self-test       spoilt pages must be caught, and a sound one must not
"""

import os
import sys
import tempfile

from browser import Browser

VIEWS = {
    "light": dict(width=1280, height=900, scheme="light"),
    "dark": dict(width=1280, height=900, scheme="dark"),
    "phone": dict(width=390, height=844, scheme="light", is_phone=True),
    "phone-dark": dict(width=390, height=844, scheme="dark", is_phone=True),
    # A4, whoever prints in the dark.
    "print": dict(width=794, height=1123, scheme="dark", media="print"),
}

# Rows of a picture.
PICTURE = 1600

# Every complaint as a sentence; whatever the page's own scripts may do, this one only reads.
COMPLAINTS = r"""
(() => {
  const found = [];
  const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className.baseVal ?? e.className ? "." + (e.className.baseVal ?? e.className) : "");
  // Not innerWidth: on a phone that grows with what does not fit.
  if (document.documentElement.scrollWidth > EXPECT_WIDTH)
    found.push(`is ${document.documentElement.scrollWidth} px wide in a window of EXPECT_WIDTH`);
  for (const svg of document.querySelectorAll("svg")) {
    if (svg.getAttribute("aria-hidden") === "true") continue;
    const ids = (svg.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const words = ids.map(id => document.getElementById(id)?.textContent.trim() ?? "");
    const label = (svg.getAttribute("aria-label") ?? "").trim();
    if (svg.getAttribute("role") !== "img" || !(label || words.length && words.every(Boolean)))
      found.push(`has no words for ${name(svg)}`);
  }
  try {
    const data = JSON.parse(document.getElementById("qpw-report").textContent);
    if (Object.keys(data)[0] !== "schema" || !data.schema.startsWith("qpw.report/")) found.push("has data of another schema");
  } catch (error) { found.push(`has no data: ${error.message}`); }
  const channels = text => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = rgb => rgb.slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const isTransparent = rgb => rgb.length === 0 || rgb[3] === 0;
  const own = channels(getComputedStyle(document.body).backgroundColor);
  const paper = isTransparent(own) ? 1 : luminance(own);
  if (EXPECT_DARK ? paper > 0.2 : paper < 0.8) found.push(`has a background of luminance ${paper.toFixed(2)}`);
  const pale = new Set();
  for (const element of document.body.querySelectorAll("*")) {
    if (["SCRIPT", "STYLE", "title", "desc"].includes(element.tagName)) continue;
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
    const style = getComputedStyle(element);
    const ink = luminance(channels(element instanceof SVGElement ? style.fill : style.color));
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (contrast < 4.5) pale.add(`has ${name(element)} at a contrast of ${contrast.toFixed(1)}`);
    if (parseFloat(style.fontSize) < 6) pale.add(`has ${name(element)} in ${style.fontSize}`);
  }
  found.push(...pale);
  return found;
})()
"""


def outcries(browser, path):
    """What the browser itself had to say while the page loaded."""
    own = "file://" + os.path.abspath(path)
    for event in browser.events:
        details = event.get("params", {})
        if event["method"] == "Runtime.exceptionThrown":
            yield f"throws: {details['exceptionDetails'].get('text')}"
        elif event["method"] == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            yield f"says on the console: {[value.get('value') for value in details['args']]}"
        elif event["method"] == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            yield f"makes the browser say: {details['entry']['text']}"
        elif event["method"] == "Network.requestWillBeSent":
            url = details["request"]["url"]
            if url != own and not url.startswith("data:"):
                yield f"asks for {url}"


def complaints(browser, path, directory=None):
    found = []
    for view, settings in VIEWS.items():
        browser.open(path, **settings)
        is_dark = settings["scheme"] == "dark" and view != "print"
        expected = COMPLAINTS.replace("EXPECT_DARK", "true" if is_dark else "false")
        seen = browser.evaluate(expected.replace("EXPECT_WIDTH", str(settings["width"])))
        found += [f"{view}: the page {complaint}" for complaint in (*seen, *outcries(browser, path))]
        if directory:
            height = browser.evaluate("document.documentElement.scrollHeight")
            for number, begin in enumerate(range(0, height, PICTURE)):
                picture = os.path.join(directory, f"{view}.{number:02}.png")
                browser.screenshot(picture, settings["width"], begin, min(begin + PICTURE, height))
        if view == "print":
            pdf = browser.pdf()
            if not pdf.startswith(b"%PDF-"):
                found.append("print: there is no PDF")
            if directory:
                with open(os.path.join(directory, "report.pdf"), "wb") as file:
                    file.write(pdf)
    return found


SOUND = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>t</title><link rel="icon" href="data:,">
<style>body { background: #fff; color: #111 }
@media screen and (prefers-color-scheme: dark) { body { background: #111; color: #eee } }
svg text { fill: currentColor }</style></head>
<body><p>words</p><svg role="img" aria-labelledby="a b" width="90" height="20"><title id="a">t</title><desc id="b">d</desc>
<text y="15">9</text></svg><script type="application/json" id="qpw-report">{"schema":"qpw.report/1"}</script></body></html>"""

SPOILT = {
    "a message on the console": ("</body>", "<script>console.error('no')</script></body>"),
    "an exception": ("</body>", "<script>undefined.x</script></body>"),
    "a picture from elsewhere": ("</body>", "<img alt='' src='file:///nowhere.png'></body>"),
    "a style sheet from elsewhere": ("</head>", "<link rel='stylesheet' href='other.css'></head>"),
    "what is too wide for a phone": ("<p>words", "<p style='width:420px'>words"),
    "a drawing without a role": ('role="img" ', ""),
    "a drawing without words": ('<desc id="b">d</desc>', '<desc id="b"> </desc>'),
    "a drawing labelled by what is not there": ('"a b"', '"a c"'),
    "no data": (' id="qpw-report"', ""),
    "data that end too early": ("qpw.report/1", "</script>"),
    "data of another schema": ("qpw.report/1", "qpw.bench/1"),
    "no dark colours": ("prefers-color-scheme: dark", "prefers-color-scheme: light"),
    "dark paper in print": ("@media screen and", "@media"),
    "pale text": ("<p>", "<p style='color:#888'>"),
    "pale text in a drawing": ("fill: currentColor", "fill: #888"),
    "tiny text": ("<p>", "<p style='font-size:4px'>"),
}


def self_test():
    with Browser() as browser, tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "page.html")

        def judge(html):
            with open(path, "w", encoding="utf-8") as file:
                file.write(html)
            return complaints(browser, path)

        if found := judge(SOUND):
            raise SystemExit("report: self-test FAILED: a sound page was refused:\n  " + "\n  ".join(found))
        for what, (before, after) in SPOILT.items():
            if before not in SOUND:
                raise SystemExit(f"report: self-test FAILED: nothing to spoil for {what}")
            if not judge(SOUND.replace(before, after, 1)):
                raise SystemExit(f"report: self-test FAILED: {what} passed")
    print(f"report: self-test passed: {len(SPOILT)} spoilt pages, all caught")


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    path, directory = arguments
    with Browser() as browser:
        found = complaints(browser, path, directory)
    for complaint in found:
        print(f"report: {complaint}", file=sys.stderr)
    if found:
        raise SystemExit(f"report: FAILED: {len(found)} complaints")
    print(f"report: {', '.join(VIEWS)}: nothing to complain of")


if __name__ == "__main__":
    main(sys.argv[1:])
