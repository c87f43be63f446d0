"""The few pages the server writes itself: where there is no editor, where the token is asked for, where nothing is."""

from collections.abc import Sequence
from html import escape
from string import Template
from typing import Final

STYLE_PATH: Final = "/nodeloom/pages.css"

STYLE: Final = """\
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --ink: #22211f; --soft: #5d5a55; --line: #d9d5ce; --accent: #0b5a7a; --wrong: #a3211b;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #1b1b1d; --ink: #eceae6; --soft: #b3afa8; --line: #3c3b3a; --accent: #7cc7e8; --wrong: #ff9d94; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3rem 1.25rem; max-width: 38rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif;
}
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
p, ul, dl { margin: 0 0 1rem; }
ul { padding-left: 1.2rem; }
a { color: var(--accent); }
a:focus-visible, input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code { font: .95em ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; }
label { display: block; margin-bottom: .4rem; }
input {
  width: 100%; padding: .6rem .7rem; border: 1px solid var(--soft); border-radius: .4rem;
  background: var(--paper); color: var(--ink); font: inherit;
}
button {
  margin-top: .8rem; padding: .6rem 1.2rem; border: 0; border-radius: .4rem;
  background: var(--accent); color: var(--paper); font: inherit; cursor: pointer;
}
.wrong { color: var(--wrong); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; }
"""

_PAGE: Final = Template(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<link rel="stylesheet" href="$style">
</head>
<body>
<main>
<h1>$heading</h1>
$content
</main>
</body>
</html>
"""
)

_WELCOME: Final = Template(
    """<p>The server is running and answers programs. Its editor is not built.
Run <code>make editor</code> and load this page again.</p>
<dl>
<dt>Version</dt><dd>$version</dd>
<dt>Runs waiting or going on</dt><dd>$remaining</dd>
<dt>Workers</dt><dd>$workers</dd>
</dl>
<h2>What there is to see</h2>
<ul>
<li><a href="/api/v1/openapi.json">The interface</a>, as OpenAPI</li>
<li><a href="/api/object_info">Every node</a> with its inputs and outputs</li>
<li><a href="/api/queue">The queue</a> and the <a href="/api/history?max_items=20">last runs</a></li>
<li><a href="/metrics">Figures</a> for Prometheus</li>
</ul>
<h2>How to use it</h2>
<p>Send a workflow in the API format to <code>POST /prompt</code>, or install a front end of this field and start the
server with <code>--frontend FOLDER</code>, the folder that holds its <code>index.html</code>.</p>"""
)

_LOGIN: Final = Template(
    """<p>This server asks for its token. Whoever started it has set it.</p>
<form method="post" action="/login">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus$described>
$wrong<button type="submit">Open</button>
</form>"""
)

_MISSING: Final = """<p>There is nothing at this address. It may have been moved or deleted.</p>
<p><a href="/">To the first page</a></p>"""


def welcome(version: str, remaining: int, workers: Sequence[str]) -> str:
    """The page at `/` where no editor is there. workers: each in a few words; none while they start."""
    shown = ", ".join(escape(each) for each in workers) if workers else "starting"
    content = _WELCOME.substitute(version=escape(version), remaining=remaining, workers=shown)
    return _page("Nodeloom", "Nodeloom is running", content)


def login(wrong: str) -> str:
    """The page that asks for the token. wrong: what was wrong with the last one, if there was one."""
    said = f'<p id="wrong" class="wrong" role="alert">{escape(wrong)}</p>\n' if wrong else ""
    described = ' aria-describedby="wrong" aria-invalid="true"' if wrong else ""
    return _page("Nodeloom: token", "Nodeloom", _LOGIN.substitute(wrong=said, described=described))


def missing() -> str:
    """The page for an address with nothing behind it."""
    return _page("Nodeloom: nothing here", "Nothing here", _MISSING)


def _page(title: str, heading: str, content: str) -> str:
    return _PAGE.substitute(title=title, heading=heading, content=content, style=STYLE_PATH)
