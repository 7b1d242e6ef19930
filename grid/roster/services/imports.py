"""A roster file is uploaded, checked, agreed to and applied, or given up.

The worker's part, `check` and `apply`, may be started any number of times, see `import_work`.
"""

import hashlib
from datetime import timedelta
from pathlib import PurePath

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.places.models import Place
from grid.roster.importing import job
from grid.roster.importing.archives import MOST_BYTES
from grid.roster.importing.columns import Mapping
from grid.roster.importing.findings import Findings
from grid.roster.importing.problems import Problems
from grid.roster.importing.progress import Progress
from grid.roster.importing.reading import open_sheet
from grid.roster.importing.template import FIELDS
from grid.roster.models import ColumnMemory, ImportedFile, RosterImport
from portal.accounts.models import User
from portal.core import audit, outbox
from portal.core.locks import alone_with
from portal.core.personal import decrypt_bytes, encrypt_bytes
from portal.core.refusals import Refused, refusals

from . import import_jobs
from .import_work import OVER, WORK_LOCK, refuse_import, taken_up, write_down

State = RosterImport.State
STAGES = {
    "reading": gettext_lazy("Reading the file"),
    "comparing": gettext_lazy("Comparing with the roster"),
    "writing": gettext_lazy("Writing"),
}
LARGEST = MOST_BYTES
KEPT = timedelta(days=7)
IN_HAND = (State.UPLOADED, State.CHECKING, State.APPLYING)


# What people do


@transaction.atomic
def upload(community: Place, *, actor: User, name: str, content: bytes) -> RosterImport:
    """Take a file in, encrypted, and have it checked. Raises Refused when it is empty or too large."""
    with refusals() as refuse:
        if not content:
            refuse(_("The file is empty."), field="file")
        if len(content) > LARGEST:
            refuse(_("The file has more than %(most)d MB.") % {"most": LARGEST >> 20}, field="file")
    roster_import = RosterImport.objects.create(
        place=community,
        name=PurePath(name.replace("\\", "/")).name[-200:],
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
    )
    ImportedFile.objects.create(roster_import=roster_import, content=encrypt_bytes(content))
    outbox.send("roster.check", roster_import=roster_import.pk)
    import_jobs.begin(roster_import)
    return roster_import


@transaction.atomic
def choose_columns(
    roster_import: RosterImport, *, actor: User, columns: dict[str, int | None], remember: bool = True
) -> RosterImport:
    """Say which column holds what ({field: column from 0, None for none}) and have the file checked again.

    With `remember` the community's next files are read so, too. Raises Refused when the file is being checked or gone,
    or a field or column is none.
    """
    roster_import = _locked(roster_import)
    findings = findings_of(roster_import)
    with refusals() as refuse:
        if roster_import.state != State.CHECKED or findings is None:
            refuse(_("The columns can only be chosen between the check and your consent."))
            return roster_import
        mapping = _corrected(findings.mapping, columns)
        if mapping is None:
            refuse(_("Choose a different column for each field."))
            return roster_import
    if remember:
        memory, _made = ColumnMemory.objects.get_or_create(community=roster_import.place)
        memory.headings = {**memory.headings, **mapping.memory()}
        memory.save()
    roster_import.columns = {name: index for name, index in columns.items() if name in FIELDS}
    return _hand_over(roster_import, State.UPLOADED, "roster.check")


@transaction.atomic
def tick(roster_import: RosterImport, *, actor: User, remove: str | list[int]) -> RosterImport:
    """Keep which of the absent are to be removed while somebody turns the pages of the preview."""
    roster_import = _locked(roster_import)
    if roster_import.state == State.CHECKED:
        roster_import.choices = {**roster_import.choices, "remove": remove}
        roster_import.save(update_fields=["choices"])
    return roster_import


@transaction.atomic
def agree(
    roster_import: RosterImport,
    *,
    actor: User,
    fingerprint: str,
    create_places: bool = False,
    remove: str | list[int] = "none",
) -> RosterImport:
    """Have exactly what the preview shows applied; `remove` names who of the absent goes: "all", "none" or their keys.

    Raises Refused when the file has errors or needs places that are not agreed to, the preview is an older one, or
    another file of the community is being applied.
    """
    roster_import = _locked(roster_import)
    findings = findings_of(roster_import)
    with refusals() as refuse:
        if roster_import.state != State.CHECKED or findings is None:
            refuse(_("This file does not wait for your consent."))
            return roster_import
        if fingerprint != roster_import.fingerprint:
            refuse(_("The preview has changed in the meantime. Look at it again."))
        if isinstance(remove, list) and not set(remove) <= {person.resident for person in findings.absent}:
            refuse(_("Somebody you ticked is not absent from this file."), field="remove")
        if isinstance(remove, str) and remove not in ("all", "none"):
            refuse(_("Say who is to be removed: everybody, nobody or whoever is ticked."), field="remove")
        if RosterImport.objects.filter(community=roster_import.community_id, state=State.APPLYING).exists():
            refuse(_("Another file is being applied to this roster. Wait until it is done."))
    job.refuse_unless_applicable(findings, create_places=create_places)
    roster_import.choices = {"create_places": create_places, "remove": remove, "actor": actor.pk}
    try:
        with transaction.atomic():
            return _hand_over(roster_import, State.APPLYING, "roster.apply")
    except IntegrityError:
        raise Refused(_("Another file is being applied to this roster. Wait until it is done.")) from None


@transaction.atomic
def discard(roster_import: RosterImport, *, actor: User) -> RosterImport:
    """Give a file up; it and what was found in it are deleted at once. Raises Refused when it was agreed to."""
    roster_import = _locked(roster_import)
    if roster_import.state in (State.APPLYING, *OVER):
        raise Refused(_("This file is applied already, or about to be."))
    roster_import.state, roster_import.finished_at = State.DISCARDED, timezone.now()
    return _forget(roster_import)


def findings_of(roster_import: RosterImport) -> Findings | None:
    """What the last check has found; None before it, and after it was forgotten."""
    return Findings.from_json(roster_import.findings) if roster_import.findings else None


def content_of(roster_import: RosterImport) -> bytes | None:
    """The bytes of the file; None when they were deleted."""
    kept = ImportedFile.objects.filter(roster_import=roster_import).values_list("content", flat=True).first()
    return None if kept is None else decrypt_bytes(bytes(kept))


def report(roster_import: RosterImport, *, actor: User) -> tuple[str, bytes]:
    """The user's own file with its problems marked, and a name for it. Raises Refused when the file is gone."""
    content, findings = content_of(roster_import), findings_of(roster_import)
    if content is None or findings is None:
        raise Refused(_("The file was deleted; upload it again."))
    from grid.roster.importing.marked import marked_workbook

    kept = [problem.as_list() for problem in findings.problems]
    problems = Problems.from_dict({"counts": findings.problem_counts, "kept": kept})
    with open_sheet(content, roster_import.name) as sheet:
        marked = marked_workbook(sheet, job.mapping_of(sheet, _source(roster_import, content)), problems)
    return f"{PurePath(roster_import.name).stem} {_('marked')}.xlsx", marked


# What the worker does


def check(pk: int) -> None:
    """Find out what applying a file would change, and write it down. Raises Interrupted when the database goes away."""
    with taken_up(pk, State.UPLOADED, State.CHECKING) as roster_import:
        if roster_import is None:
            return
        if (content := content_of(roster_import)) is None:
            refuse_import(pk, _("The file was deleted; upload it again."))
            return
        with Progress(pk) as progress:
            findings = job.examine(_source(roster_import, content), progress)
        write_down(pk, State.CHECKING, findings)


def apply(pk: int) -> None:
    """Write what was agreed to, or show anew what would change. Raises Interrupted when the database goes away."""
    with taken_up(pk, State.APPLYING) as roster_import:
        if roster_import is None:
            return
        if (content := content_of(roster_import)) is None:
            refuse_import(pk, _("The file was deleted; upload it again."))
            return
        choices = roster_import.choices
        agreement = job.Agreement(
            actor=User.objects.get(pk=choices["actor"]) if choices.get("actor") else None,
            create_places=choices["create_places"],
            remove=choices["remove"],
            fingerprint=roster_import.fingerprint,
        )
        try:
            _bring_in(roster_import, content, agreement)
        except job.Changed as changed:
            words = _("The roster has changed in the meantime. Look at the preview again.")
            write_down(pk, State.APPLYING, changed.findings, refusal=words)


def take_up_again() -> list[tuple[int, str]]:
    """Imports that somebody waits for, each with its state: a worker may have been killed over them."""
    return list(RosterImport.objects.filter(state__in=IN_HAND).order_by("pk").values_list("pk", "state"))


def forget() -> int:
    """Delete files and findings a week after their upload, whatever became of them; returns how many."""
    old = RosterImport.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(state__in=IN_HAND)
    old = old.exclude(fingerprint="", file=None)
    count = 0
    for pk in old.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            roster_import = RosterImport.objects.select_for_update().get(pk=pk)
            if roster_import.state == State.CHECKED:
                roster_import.state, roster_import.finished_at = State.DISCARDED, timezone.now()
            if roster_import.state not in IN_HAND:
                _forget(roster_import)
                count += 1
    return count


def bring_in(
    community: Place, *, actor: User | None, name: str, content: bytes, create_places: bool, remove_absent: bool
) -> tuple[RosterImport, Findings]:
    """Read and apply a file at once, for whoever sits at the server. Raises Refused as `agree` and the reading do."""
    try:
        roster_import = RosterImport.objects.create(
            place=community,
            name=name[-200:],
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
            uploaded_by=actor,
            state=State.APPLYING,
        )
    except IntegrityError:
        raise Refused(_("Another file is being applied to this roster. Wait until it is done.")) from None
    agreement = job.Agreement(actor, create_places, "all" if remove_absent else "none")
    try:
        with alone_with(WORK_LOCK, roster_import.pk):
            findings = _bring_in(roster_import, content, agreement)
    except BaseException:
        roster_import.delete()
        raise
    roster_import.refresh_from_db()
    return roster_import, findings


# How


def _bring_in(roster_import: RosterImport, content: bytes, agreement: job.Agreement) -> Findings:
    def record(findings: Findings, removed: int) -> None:
        applying = RosterImport.objects.filter(pk=roster_import.pk, state=State.APPLYING)
        applied = applying.update(
            state=State.APPLIED,
            stage="",
            finished_at=timezone.now(),
            findings=findings.to_json(),
            fingerprint=findings.fingerprint,
        )
        if not applied:
            raise Refused(_("This file is not to be applied any more."))
        audit.record("roster.imported", roster_import, actor=agreement.actor, data=_counted(findings, removed))
        import_jobs.keep_up(roster_import.pk)

    with Progress(roster_import.pk) as progress:
        source = _source(roster_import, content)
        return job.bring_in(source, agreement, progress, roster_import=roster_import.pk, record=record)


def _counted(findings: Findings, removed: int) -> dict[str, int]:
    return {
        "added": findings.residents.added,
        "changed": findings.residents.changed,
        "moved": findings.residents.moved,
        "removed": removed,
        "unchanged": findings.residents.unchanged,
        "households_added": findings.households.added,
        "households_changed": findings.households.changed,
        "grids": len(findings.new_places.grids),
        "building_groups": len(findings.new_places.groups),
        "estates": len(findings.new_places.estates),
    }


def _source(roster_import: RosterImport, content: bytes) -> job.Source:
    return job.Source(
        roster_import.place, roster_import.name, content, digest=roster_import.digest, columns=roster_import.columns
    )


def _locked(roster_import: RosterImport) -> RosterImport:
    return RosterImport.objects.select_for_update(of=("self",)).select_related("place").get(pk=roster_import.pk)


def _hand_over(roster_import: RosterImport, state: State, topic: str) -> RosterImport:
    roster_import.state, roster_import.refusal, roster_import.stage = state, "", ""
    roster_import.done = roster_import.total = 0
    roster_import.save(update_fields=["state", "refusal", "stage", "done", "total", "columns", "choices"])
    outbox.send(topic, roster_import=roster_import.pk)
    import_jobs.keep_up(roster_import.pk)
    return roster_import


def _forget(roster_import: RosterImport) -> RosterImport:
    ImportedFile.objects.filter(roster_import=roster_import).delete()
    roster_import.findings = roster_import.fingerprint = ""
    roster_import.save(update_fields=["state", "finished_at", "findings", "fingerprint"])
    import_jobs.keep_up(roster_import.pk)
    return roster_import


def _corrected(mapping: Mapping, columns: dict[str, int | None]) -> Mapping | None:
    try:
        return mapping.corrected(columns)
    except ValueError:
        return None
