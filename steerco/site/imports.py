"""The import wizard: choose a file, see what would happen, then let it happen; reading and writing are jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from steerco.connect import intake, sniff
from steerco.connect.items import SeveralProjects, Unreadable
from steerco.connect.models import ImportRun
from steerco.connect.receipts import ImportRefused
from steerco.kit import access, files, jobs, workspace
from steerco.kit.access import Actor
from steerco.kit.fields import printable
from steerco.kit.pages.common import page
from steerco.kit.people import User
from steerco.kit.queue import Job, JobState
from steerco.kit.refusals import Invalid, Missing, Refused
from steerco.kit.tree import Node, Role

ACTIVE = (JobState.WAITING, JobState.RUNNING)
SHOWN = 100


def _at(request: HttpRequest, key: str) -> tuple[Actor, Node]:
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if not node.is_project:
        raise Missing
    if not access.may_edit(actor, node):
        raise Refused(_("This needs the role “Contributor” here; an owner can grant it."))
    return actor, node


@require_http_methods(["GET", "POST"])
@page
def start(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a file; earlier imports below."""
    actor, node = _at(request, key)
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None:
            raise Invalid({"file": _("choose a file first")})
        stored = files.store(upload)
        job = jobs.enqueue(
            "import-look",
            {"node": node.pk, "sha256": stored.sha256, "name": stored.name, "user": actor.user_id},
            node_id=node.pk,
            made_by_id=actor.user_id,
        )
        return redirect("import-job", key=node.key, job_id=job.pk)
    runs = ImportRun.objects.filter(node=node).order_by("-at").defer("notes", "receipt")[:20]
    return render(request, "site/import.html", {"node": node, "runs": runs})


def _job(node: Node, actor: Actor, job_id: int) -> Job:
    found = Job.objects.filter(
        pk=job_id, node=node, made_by=actor.user_id, name__in=("import-look", "import-apply")
    ).first()
    if found is None:
        raise Missing
    return found


@require_GET
@page
def look(request: HttpRequest, key: str, job_id: int) -> HttpResponse:
    """How far the job is; then what an import would do, or the way to its receipt."""
    actor, node = _at(request, key)
    job = _job(node, actor, job_id)
    active = job.state in ACTIVE
    if job.state == JobState.DONE and job.name == "import-apply" and "run" in job.result:
        url = reverse("import-receipt", args=[node.key, job.result["run"]])
        if request.headers.get("HX-Request"):
            answer = HttpResponse(status=204)
            answer["HX-Redirect"] = url
            return answer
        return redirect(url)
    context = {
        "node": node, "job": job, "active": active, "outcome": job.result.get("outcome"), "refusal": job.result.get("refusal"),
        "choices": job.result.get("choices", []), "name": job.arguments.get("name", ""), "shown": SHOWN,
    }  # fmt: skip
    if request.headers.get("HX-Request") and not active:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    template = (
        "site/fragments/import_progress.html"
        if request.headers.get("HX-Request")
        else "site/import_look.html"
    )
    return render(request, template, context)


@require_POST
@page
def apply(request: HttpRequest, key: str, job_id: int) -> HttpResponse:
    """Let a dry run happen, or look again with another choice."""
    actor, node = _at(request, key)
    seen = _job(node, actor, job_id)
    arguments = {n: seen.arguments[n] for n in ("node", "sha256", "name", "user")}
    if request.POST.get("project"):
        arguments["mapping"] = {"project": printable(request.POST["project"])[:200]}
        name = "import-look"
    else:
        name = "import-apply"
        arguments["mapping"] = seen.arguments.get("mapping")
        arguments["archive_missing"] = request.POST.get("archive_missing") == "1"
    job = jobs.enqueue(name, arguments, node_id=node.pk, made_by_id=actor.user_id)
    return redirect("import-job", key=node.key, job_id=job.pk)


@require_GET
@page
def receipt(request: HttpRequest, key: str, run_id: int) -> HttpResponse:
    """What an import did: counts, and every finding."""
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    run = ImportRun.objects.filter(pk=run_id, node=node).first()
    if run is None:
        raise Missing
    return render(request, "site/import_receipt.html", {"node": node, "run": run})


def _read(sha256: str, name: str, mapping: dict[str, str] | None) -> Any:
    path: Path = files.path_of(sha256)
    if not path.exists():
        raise Unreadable(f"{name} is no longer here.", "Upload it again.")
    return sniff.read(path, name, mapping=mapping)


@jobs.job("import-look")
def look_job(
    job: Job, *, node: int, sha256: str, name: str, user: int, mapping: dict[str, str] | None = None
) -> dict[str, Any]:
    """Read a file and say what taking it in would do; as the person who asked, with the rights they have now."""
    jobs.progress(job, 0, 2, _("Reading %(name)s") % {"name": name})
    actor = Actor.person(User.objects.get(pk=user))
    at = Node.objects.get(pk=node)
    try:
        reading = _read(sha256, name, mapping)
        jobs.progress(job, 1, 2, _("Comparing with what is here"))
        return {"outcome": intake.plan(actor, at, reading, sha256=sha256).outcome.to_json()}
    except SeveralProjects as several:
        return {"refusal": several.text, "choices": [list(choice) for choice in several.choices]}
    except (Unreadable, ImportRefused, Refused) as refused:
        return {"refusal": str(refused)}


@jobs.job("import-apply")
def apply_job(
    job: Job,
    *,
    node: int,
    sha256: str,
    name: str,
    user: int,
    mapping: dict[str, str] | None = None,
    archive_missing: bool = False,
) -> dict[str, Any]:
    """Take a file in: all of it or nothing."""
    jobs.progress(job, 0, 1, _("Reading %(name)s") % {"name": name})
    actor = Actor.person(User.objects.get(pk=user))
    at = Node.objects.get(pk=node)
    try:
        reading = _read(sha256, name, mapping)
        done = intake.apply(actor, reading, at, sha256=sha256, archive_missing=archive_missing)
    except (Unreadable, ImportRefused, Refused) as refused:
        return {"refusal": str(refused)}
    return {"run": done.run_id}
