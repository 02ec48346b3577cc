"""What a question page sends: files, files to drop, and the fields as they are shown again."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from loket.applications.bills import without_finds
from loket.applications.types import Answered, Upload
from loket.forms.answering import raw_of
from loket.forms.compiled import CompiledForm
from loket.forms.journey import JourneyPage
from loket.forms.types import Raw

_FILE = "file"
_REMOVE = "remove"
_FIELD = "q-"


def uploads_in(request: HttpRequest) -> Mapping[str, Sequence[Upload]]:
    """Files by question."""
    return {
        name.removeprefix(_FIELD): [Upload(str(file.name), file) for file in files]
        for name, files in request.FILES.lists()
        if name.startswith(_FIELD)
    }


def removed_in(raw: Mapping[str, Raw]) -> Mapping[str, Sequence[str]]:
    """Stored files whose button *remove* was pressed, by question."""
    return {name: fields[_REMOVE] for name, fields in raw.items() if _REMOVE in fields}


def typed_again(
    form: CompiledForm, answered: Answered, page: JourneyPage, raw: Mapping[str, Raw]
) -> Mapping[str, Raw]:
    """What was typed, and in place of file fields what is stored by now.

    Of a bill only what may be typed: nobody sees a find that was not found.
    """
    files = {one.id: raw_of(form, answered.answers, one.id) for one in page.questions if one.kind == _FILE}
    return {**without_finds(form, raw), **files}
