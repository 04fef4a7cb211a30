"""Texts that are to paint over a screen, to hide something on it, or to call others."""

ELSEWHERE = "elsewhere.invalid"
_WORDS = "Amount: 5.00 €"
_EVERYWHERE = "top:0;left:0;width:100vw;height:100vh;z-index:99999"

HOSTILE = {
    "classes of Bootstrap": '<div class="position-fixed top-0 start-0 vw-100 vh-100'
    f' bg-white">{_WORDS}</div>',
    "class of a dialog": '<div class="modal d-block show"><div class="modal-dialog">'
    f'<div class="modal-content">{_WORDS}</div></div></div>',
    "class of a menu": f'<ul class="dropdown-menu show"><li>{_WORDS}</li></ul>',
    "stretched link": f'<a class="stretched-link" href="https://{ELSEWHERE}/">x</a>',
    "fixed": f'<div style="position:fixed;{_EVERYWHERE}">{_WORDS}</div>',
    "absolute": f'<div style="position:absolute;{_EVERYWHERE}">{_WORDS}</div>',
    "sticky": f'<p style="position:sticky;top:-900px;height:900px">{_WORDS}</p>',
    "relative": f'<p style="position:relative;top:-400px">{_WORDS}</p>',
    "escaped name": f'<p style="p\\6fsition:fixed;{_EVERYWHERE}">{_WORDS}</p>',
    "comment in a style": f'<p style="position/**/:fixed;{_EVERYWHERE}">{_WORDS}</p>',
    "negative margin": f'<p style="margin:-500px 0 0 -500px">{_WORDS}</p>',
    "computed margin": f'<p style="margin-top:calc(1px - 500px)">{_WORDS}</p>',
    "moved": f'<p style="transform:translate(-300px,-300px) scale(9)">{_WORDS}</p>',
    "indented": f'<p style="text-indent:-700px">{_WORDS}</p>',
    "raised": f'<p><span style="vertical-align:600px">{_WORDS}</span></p>',
    "wide": f'<div style="width:9000px;height:9000px;background:red">{_WORDS}</div>',
    "wide cells": '<table style="width:5000px"><tr><td width="5000" style="min-width:'
    f'5000px">{_WORDS}</td></tr></table>',
    "huge letters": f'<font size="7" style="font-size:900px">{_WORDS}</font>',
    "letters that grow": "<big>" * 40 + _WORDS + "</big>" * 40,
    "shadow": '<p style="box-shadow:0 0 0 4000px #fff;outline:4000px solid #fff">'
    f"{_WORDS}</p>",
    "style sheet": f"<style>body{{display:none}}</style><p>{_WORDS}</p>",
    "remote images": f'<img src="https://{ELSEWHERE}/a.png" srcset="//{ELSEWHERE}/b.png'
    f' 2x"><p style="background:url(//{ELSEWHERE}/c.png)">{_WORDS}</p>'
    f'<table background="https://{ELSEWHERE}/d.png"><tr><td>x</td></tr></table>',
    "drawing": f'<svg style="position:fixed;{_EVERYWHERE}"><image href="https://'
    f'{ELSEWHERE}/e.png"/><rect width="9999" height="9999"/></svg>',
    "dialog": f'<dialog open style="inset:0;width:100%">{_WORDS}</dialog>',
    "login": f'<form action="https://{ELSEWHERE}/"><input name="password" autofocus'
    f' style="position:fixed;{_EVERYWHERE}"><label for="login">x</label></form>',
    "frame": f'<iframe src="https://{ELSEWHERE}/" style="position:fixed;{_EVERYWHERE}">'
    "</iframe>",
    "component of the editor": '<div data-embedded="video" data-embedded-props=\'{"vid'
    f'eoId":"a","platform":"youtube"}}\'>{_WORDS}</div>',
    "switch of Bootstrap": '<a data-bs-toggle="collapse" href="#x" data-bs-target='
    f'".o_form_view">{_WORDS}</a>',
}
