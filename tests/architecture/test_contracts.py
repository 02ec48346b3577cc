"""The import contracts of pyproject.toml: kept by the code, and shown to catch what they are for."""

from pathlib import Path

import pytest

from tests.architecture import house

_FLOORS = "Floors see only the floors below"
_INSIDE = "Inside a context"
_PLUG_INS = "Plug-ins never import each other"
_SURFACE = "Other contexts see a context's public modules"


def _verdict(said: str, name: str) -> str:
    """KEPT or BROKEN, from the summary; a long name is wrapped, so the words after it count."""
    summary = " ".join(said.split())
    after = summary[summary.index(name) :]
    return min(("KEPT", "BROKEN"), key=lambda word: after.find(word) if word in after else len(after))


def test_a_tree_that_breaks_nothing_is_kept(tmp_path: Path) -> None:
    house.plant(
        tmp_path,
        {
            "kernel/money.py": "",
            "identity/queries.py": "from loket.kernel import money\n",
            "casework/models.py": "",
            "casework/actions.py": "from loket.identity import queries\nfrom loket.casework import models\n",
            "forms/kinds/text/kind.py": "",
            "forms/kinds/date/kind.py": "",
        },
    )
    code, said = house.lint_imports(tmp_path)
    assert code == 0, said
    assert "4 kept, 0 broken" in said


@pytest.mark.parametrize(
    ("modules", "broken"),
    [
        pytest.param(
            {"casework/actions.py": "", "identity/actions.py": "from loket.casework import actions\n"},
            _FLOORS,
            id="upwards",
        ),
        pytest.param(
            {"forms/types.py": "", "workflow/types.py": "from loket.forms import types\n"},
            _FLOORS,
            id="sideways",
        ),
        pytest.param(
            {"portal/views.py": "", "desk/views.py": "from loket.portal import views\n"},
            _FLOORS,
            id="face-to-face",
        ),
        pytest.param({"gossip/actions.py": ""}, _FLOORS, id="folder-without-a-floor"),
        pytest.param(
            {"casework/actions.py": "", "casework/models.py": "from loket.casework import actions\n"},
            _INSIDE,
            id="tables-call-actions",
        ),
        pytest.param(
            {"identity/jobs.py": "", "identity/actions.py": "from loket.identity import jobs\n"},
            _INSIDE,
            id="action-imports-its-job",
        ),
        pytest.param(
            {
                "forms/kinds/text/kind.py": "",
                "forms/kinds/date/kind.py": "from loket.forms.kinds.text import kind\n",
            },
            _PLUG_INS,
            id="plug-in-uses-plug-in",
        ),
        pytest.param(
            {
                "notifications/channels/smtp/channel.py": "",
                "notifications/channels/sms/channel.py": "import loket.notifications.channels.smtp.channel\n",
            },
            _PLUG_INS,
            id="channel-uses-channel",
        ),
        pytest.param(
            {"identity/models.py": "", "casework/queries.py": "from loket.identity import models\n"},
            _SURFACE,
            id="reaches-into-tables",
        ),
        pytest.param(
            {"identity/models.py": "", "config/urls.py": "from loket.identity import models\n"},
            _SURFACE,
            id="even-the-root-leaves-tables-alone",
        ),
        pytest.param(
            {"identity/hashing.py": "", "portal/views.py": "from loket.identity.hashing import x\n"},
            _SURFACE,
            id="reaches-into-an-inner-module",
        ),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, modules: dict[str, str], broken: str) -> None:
    code, said = house.lint_imports(house.plant(tmp_path, modules))
    assert code == 1, said
    assert _verdict(said, broken) == "BROKEN", said


def test_every_folder_stands_on_a_floor() -> None:
    data = set(house.configuration()["loket"]["house"]["data_only"])
    named = {name for floor in house.floors() for name in floor}
    folders = {
        path.name
        for path in house.SOURCE.iterdir()
        if path.is_dir() and not path.name.startswith(("_", ".")) and path.name != "locale"
    }
    assert folders - data <= named


def test_a_contracts_plug_in_folders_are_all_watched() -> None:
    watched = set(house.contract("plugins")["modules"])
    homes = {
        f"loket.{path.parent.name}.{path.name}.*"
        for name in ("kinds", "providers", "channels", "effects")
        for path in house.SOURCE.glob(f"*/{name}")
        if path.is_dir()
    }
    assert homes <= watched
