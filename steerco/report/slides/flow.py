"""Filling slides: streams go down a column until the slide is full, then on to the next one."""

from __future__ import annotations

from dataclasses import dataclass

from steerco.report.pack import Block
from steerco.report.slides.blocks import GAP, Piece, Stream, streams
from steerco.report.slides.canvas import Box, Canvas


@dataclass(frozen=True, slots=True)
class Column:
    """What stands below each other on one slide."""

    pieces: tuple[Piece, ...]

    def draw(self, canvas: Canvas, box: Box) -> None:
        """Draw the pieces; what gains from more room shares what is left."""
        left = box.height - sum(piece.height for piece in self.pieces) - GAP * max(0, len(self.pieces) - 1)
        growing = sum(1 for piece in self.pieces if piece.most > piece.height)
        y = box.y
        for piece in self.pieces:
            height = piece.height
            if piece.most > height and left > 0:
                more = min(piece.most - height, left / growing)
                height, left = height + more, left - more
                growing -= 1
            piece.draw(canvas, Box(box.x, y, box.width, height))
            y += height + GAP


def columns(blocks: tuple[Block, ...], width: float, height: float, language: str) -> list[Column]:
    """The blocks as columns of at most `height` points, one per slide; none for no content."""
    pages: list[list[Piece]] = []
    current: list[Piece] = []
    room = height
    waiting: list[Stream] = [stream for block in blocks for stream in streams(block, width, language)]
    for stream in waiting:
        while not stream.is_done:
            gap = GAP if current else 0.0
            piece = stream.take(room - gap) if room - gap > 0 else None
            if piece is None:
                if not current:
                    raise AssertionError(
                        f"{type(stream).__name__} takes nothing from a fresh slide of {height} points"
                    )
                pages.append(current)
                current, room = [], height
                continue
            current.append(piece)
            room -= piece.height + gap
    if current:
        pages.append(current)
    return [Column(tuple(page)) for page in pages]
