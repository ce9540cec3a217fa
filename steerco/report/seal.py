"""Sealed packs: kept with their hash and told in the trail, opened again unchanged, listed for who may read the node."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.refusals import Missing, Refused
from steerco.kit.tree import Node, Role
from steerco.kit.write import door
from steerco.report.models import SealedPack
from steerco.report.pack import Pack
from steerco.report.sealing import from_json, seal, to_json


def keep(actor: Actor, node: Node, pack: Pack) -> SealedPack:
    """Seal a pack: its row and its line in the trail, together or not at all. Raises Refused, ValueError."""
    if not access.may_edit(actor, node):
        raise Refused(_("This needs the role “Contributor” on %(node)s.") % {"node": node.name})
    text, digest = to_json(pack), seal(pack)
    with door(actor) as opened:
        kept = SealedPack.objects.create(
            node=node,
            kind=pack.kind,
            title=pack.title[:300],
            language=pack.language,
            as_of=pack.as_of,
            made_at=pack.made_at,
            made_by_id=actor.user_id,
            json=text,
            sha256=digest,
        )
        opened.note(
            node.pk,
            "pack",
            kept.pk,
            f"{pack.kind}-{kept.pk}",
            "seal",
            {},
            {"sha256": digest, "kind": pack.kind},
        )
    return kept


def opened_pack(actor: Actor, pack_id: int) -> Pack:
    """The pack exactly as it was sealed. Raises Missing for who may not read its node, ValueError where it was altered."""
    kept = SealedPack.objects.filter(pk=pack_id).first()
    if kept is None or access.role_on(actor, kept.node_id) < Role.READER:
        raise Missing
    pack = from_json(kept.json)
    if seal(pack) != kept.sha256:
        raise ValueError(f"pack {kept.pk} is not what was sealed: its hash differs")
    return pack


def packs(actor: Actor, node: Node) -> Sequence[SealedPack]:
    """Sealed packs of a node without their contents, newest first. Raises Missing below a reader."""
    if access.role_on(actor, node) < Role.READER:
        raise Missing
    return list(SealedPack.objects.filter(node=node).defer("json").order_by("-id")[:200])
