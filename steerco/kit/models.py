"""Every table of the kit, one import per noun."""

from steerco.kit.attached import Comment, CustomField, File, RecordLink, SavedView
from steerco.kit.people import NamedOn, OneTimeLink, User
from steerco.kit.queue import Job, Stale
from steerco.kit.record import Counter
from steerco.kit.tokens import ApiToken
from steerco.kit.trail import Change, Head
from steerco.kit.tree import Ancestor, Grant, Node

__all__ = [
    "Ancestor",
    "ApiToken",
    "Change",
    "Comment",
    "Counter",
    "CustomField",
    "File",
    "Grant",
    "Head",
    "Job",
    "NamedOn",
    "Node",
    "OneTimeLink",
    "RecordLink",
    "SavedView",
    "Stale",
    "User",
]
