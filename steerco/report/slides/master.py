"""Our own 16:9 master made from python-pptx's blank template: theme, two layouts, footer line."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.util import Pt

from steerco.report import look

WIDTH, HEIGHT = 960.0, 540.0  # points
LEFT, RIGHT = 44.0, 916.0
TITLE = (LEFT, 20.0, RIGHT - LEFT, 58.0)
TOP, BOTTOM = 90.0, 500.0  # between them lies the content
FOOTER = (LEFT, 511.0, 760.0, 16.0)
NUMBER = (RIGHT - 80, 511.0, 80.0, 16.0)
COVER_TITLE = (88.0, 130.0, 800.0, 120.0)
COVER_SUBTITLE = (88.0, 258.0, 800.0, 50.0)
COVER, CONTENT = 0, 1  # positions of the layouts

_THEME_COLOURS = {
    "dk1": "ink",
    "lt1": "paper",
    "dk2": "muted",
    "lt2": "panel",
    "hlink": "ink",  # evidence links are underlined, not blue: a figure stays a figure
    "folHlink": "muted",
}


def new_deck() -> Deck:
    """A deck without slides; layouts: cover, then title with free content."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    layouts = list(deck.slide_layouts)
    for number, layout in enumerate(layouts):
        if number not in (0, 5):
            deck.slide_layouts.remove(layout)
    _theme(deck)
    master, cover, content = deck.slide_master, deck.slide_layouts[COVER], deck.slide_layouts[CONTENT]
    cover.name, content.name = "Cover", "Message and content"
    for holder, places in (
        (master, {"title": TITLE, "body": (LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP)}),
        (cover, {"ctrTitle": COVER_TITLE, "subTitle": COVER_SUBTITLE}),
        (content, {"title": TITLE}),
    ):
        _place(
            holder, {**places, "dt": (RIGHT - 180, *NUMBER[1:2], 90.0, 16.0), "ftr": FOOTER, "sldNum": NUMBER}
        )
    _text_styles(master, cover)
    _decorate(master, (0, 27, 8, 44), 2)
    _decorate(master, (LEFT, 506, RIGHT - LEFT, 0.75), 3, "line")
    _decorate(cover, (0, 0, 44, HEIGHT), 2)
    cover._element.set("showMasterSp", "0")
    return deck


def _theme(deck: Deck) -> None:
    part = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    text = part.blob.decode("utf-8")
    names = {**_THEME_COLOURS}
    for slot, name in names.items():
        text = _set_colour(text, slot, look.PALETTE[name])
    for number, colour in enumerate(look.SERIES, 1):
        text = _set_colour(text, f"accent{number}", colour)
    text = re.sub(r'(<a:(?:major|minor)Font>\s*<a:latin typeface=")[^"]*', rf"\g<1>{look.FAMILY}", text)
    text = re.sub(r'(<a:theme [^>]*name=")[^"]*', r"\g<1>Steerco", text)
    part._blob = text.encode("utf-8")


def _set_colour(theme: str, slot: str, value: str) -> str:
    return re.sub(
        rf"<a:{slot}>.*?</a:{slot}>",
        f'<a:{slot}><a:srgbClr val="{value}"/></a:{slot}>',
        theme,
        flags=re.DOTALL,
    )


def _place(holder: Any, places: dict[str, tuple[float, ...]]) -> None:
    for shape in holder.placeholders:
        kind = shape._element.ph.get("type", "body")
        if kind in places:
            shape.left, shape.top, shape.width, shape.height = (Pt(value) for value in places[kind])
            body = shape._element.txBody.find(qn("a:bodyPr"))
            for side in ("lIns", "tIns", "rIns", "bIns"):
                body.set(side, "0")
            for child in list(body):
                body.remove(child)
            if kind in ("title", "ctrTitle", "subTitle"):
                body.set("anchor", {"title": "ctr", "ctrTitle": "b", "subTitle": "t"}[kind])
            if kind in ("ftr", "sldNum"):
                _footer_style(shape, "l" if kind == "ftr" else "r")


def _footer_style(shape: Any, side: str) -> None:
    style = shape._element.txBody.find(qn("a:lstStyle"))
    for child in list(style):
        style.remove(child)
    level = etree.SubElement(style, qn("a:lvl1pPr"), algn=side)
    run = etree.SubElement(level, qn("a:defRPr"), sz="900")
    fill = etree.SubElement(run, qn("a:solidFill"))
    etree.SubElement(fill, qn("a:schemeClr"), val="tx2")


def _text_styles(master: Any, cover: Any) -> None:
    level = master._element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    level.set("algn", "l")
    run = level.find(qn("a:defRPr"))
    run.set("sz", "2400")
    run.set("b", "1")
    for shape in cover.placeholders:
        if shape._element.ph.get("type") == "subTitle":
            for paragraph in shape._element.iter(qn("a:lvl1pPr")):
                paragraph.set("algn", "l")
                run = paragraph.find(qn("a:defRPr"))
                if run is not None:
                    for child in list(run):
                        run.remove(child)
                    fill = etree.SubElement(run, qn("a:solidFill"))
                    etree.SubElement(fill, qn("a:schemeClr"), val="tx2")


def _decorate(holder: Any, box: tuple[float, ...], position: int, ink: str = "brand") -> None:
    """A bare rectangle behind everything else; marked as decoration for screen readers."""
    x, y, width, height = (int(Pt(value)) for value in box)
    colour = look.PALETTE[ink]
    tree = holder._element.find(f".//{qn('p:spTree')}")
    identity = max(int(node.get("id")) for node in tree.iter(qn("p:cNvPr"))) + 1
    tree.insert(
        position,
        etree.fromstring(
            '<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
            'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            f'<p:nvSpPr><p:cNvPr id="{identity}" name="Line {identity}"><a:extLst><a:ext uri="{{C183D7F6-B498-43B3-948B-1728B52AA6E4}}">'
            '<d:decorative xmlns:d="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
            '</p:cNvPr><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
            f'<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
            "<a:ln><a:noFill/></a:ln></p:spPr></p:sp>"
        ),
    )


def add_footer(slide: Any, text: str, number: int) -> None:
    """Footer and page number as real placeholders, so that a changed master moves them too."""
    for holder in slide.slide_layout.placeholders:
        kind = holder._element.ph.get("type")
        if kind not in ("ftr", "sldNum"):
            continue
        element = deepcopy(holder._element)
        tree = slide.shapes._spTree
        properties = element.find(f".//{qn('p:cNvPr')}")
        properties.set("id", str(max(int(node.get("id")) for node in tree.iter(qn("p:cNvPr"))) + 1))
        shape = element.find(qn("p:spPr"))
        for child in list(shape):
            shape.remove(child)
        body = element.find(qn("p:txBody"))
        for paragraph in body.findall(qn("a:p")):
            body.remove(paragraph)
        paragraph = etree.SubElement(body, qn("a:p"))
        if kind == "ftr":
            run = etree.SubElement(paragraph, qn("a:r"))
        else:
            run = etree.SubElement(
                paragraph, qn("a:fld"), id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type="slidenum"
            )
        etree.SubElement(run, qn("a:rPr"), lang="en-US")
        etree.SubElement(run, qn("a:t")).text = text if kind == "ftr" else str(number)
        tree.append(element)
