"""The child process: reads one plan with MPXJ and writes it as MSPDI. Run as a module with
FORMAT INPUT OUTPUT HEAP_MEGABYTES CPU_SECONDS PROJECT; prints one line of JSON.

It has a process of its own because a damaged file can take a Java machine down or make it run for ever.
"""

from __future__ import annotations

import json
import sys

from steerco.connect.mpp.mapping import FORMATS

_LARGEST_FILE = 256 * 1024 * 1024


def convert(form: str, source: str, target: str, heap: int, project: str) -> dict[str, object]:
    """{"projects": [[key, name], ...]} after writing the chosen one, or {"error": kind, "text": why}."""
    try:
        import jpype
        import mpxj  # noqa: F401 - puts its jars on the class path
    except ImportError as error:
        return {"error": "extra", "text": str(error)}
    try:
        jpype.startJVM(
            f"-Xmx{heap}m",
            "-Xss4m",
            "-Djava.awt.headless=true",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
        )
    except (jpype.JVMNotFoundException, OSError, RuntimeError) as error:
        return {"error": "java", "text": str(error)}
    from jpype import JClass, JException

    try:
        plans = [
            plan
            for plan in JClass(FORMATS[form].reader)().readAll(JClass("java.io.File")(source))
            if plan is not None
        ]
        choices = [[str(index), _name(plan)] for index, plan in enumerate(plans)]
        if not plans:
            return {"error": "nothing", "text": ""}
        chosen = (
            next((i for i, (key, name) in enumerate(choices) if project in (key, name)), None)
            if project
            else 0
        )
        if chosen is None or (len(plans) > 1 and not project):
            return {"projects": choices, "written": False}
        JClass("org.mpxj.mspdi.MSPDIWriter")().write(plans[chosen], target)
        return {"projects": choices, "written": True}
    except JException as error:
        text = str(error)
        return {"error": "password" if "password" in text.lower() else "damaged", "text": text[:300]}


def _name(plan: object) -> str:
    properties = plan.getProjectProperties()  # type: ignore[attr-defined]
    return str(properties.getProjectTitle() or properties.getName() or "")


def limit(seconds: int) -> None:
    """Bound the processor time and the size of written files, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Convert as the arguments say and print the outcome."""
    form, source, target, heap, seconds, project = sys.argv[1:7]
    limit(int(seconds))
    outcome = convert(form, source, target, int(heap), project)
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
