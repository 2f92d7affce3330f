"""Texts that try to be more than text. Each would set `window.stolen` if it ran."""

from __future__ import annotations

RUN = "window.stolen=1"
HOSTILE = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"<!--<script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f'"><img src=x onerror="{RUN}">',
    f"'><img src=x onerror='{RUN}'>",
    f"` onmouseover={RUN} x=`",
    f"<svg onload={RUN}><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src='javascript:parent.{RUN}'></iframe>",
    f"<a href='javascript:{RUN}'>touch</a>",
    f"<body onload={RUN}>",
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    "<base href='http://example.invalid/'>",
    "<meta http-equiv='refresh' content='0;url=http://example.invalid/'>",
    "<link rel=stylesheet href='http://example.invalid/x.css'>",
    "<img src='http://example.invalid/x.png'>",
    "<style>@import 'http://example.invalid/x.css'; * { display: none }</style>",
    "<form action='http://example.invalid/'><button id=play>x</button></form>",
    "<textarea>", "<plaintext>", "<noscript>", "<template>", "<select><option>",
    "&lt;script&gt;&#x3c;script&#62;&amp;", "$title $$ ${form} {time} %s", "\\u003cscript\\u003e",
    "\u202eevil\u202d\u2066\u2067text", "a\x00b\x0bc\x1b[31m\x7f\x85", "line\u2028sep\u2029end",
    "\ufffe\uffff\U0001fffe", "\ud800 alone \udfff", "e" + "\u0301" * 300, "W" * 20_000,
    "]]>", "</main></body></html>", "<div id=audio><div id=earmark>", "constructor __proto__",
)  # fmt: skip
