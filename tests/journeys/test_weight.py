"""What a first visit costs over the wire, everything included."""

import pytest
from playwright.sync_api import Browser

from tests.county import ADDRESS
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.house import House

MOST = 60_000
PAGES = {
    "home": "",
    "service page": f"services/civil-registry/{ADDRESS}/",
    "first question": f"apply/civil-registry/{ADDRESS}/name/",
}


@pytest.mark.parametrize("scripts", [False, True], ids=["phone", "desk"])
@pytest.mark.parametrize("page", PAGES)
def test_a_first_visit_weighs_little(browser: Browser, house: House, page: str, scripts: bool) -> None:
    came: dict[str, float] = {}
    names: dict[str, str] = {}
    with browser.new_context(viewport=DESK if scripts else PHONE, java_script_enabled=scripts) as context:
        opened = context.new_page()
        wire = context.new_cdp_session(opened)
        wire.send("Network.enable")
        wire.on(
            "Network.requestWillBeSent",
            lambda said: names.update({said["requestId"]: said["request"]["url"]}),
        )
        wire.on(
            "Network.loadingFinished",
            lambda said: came.update({said["requestId"]: said["encodedDataLength"]}),
        )
        opened.goto(f"{house.site}/en/{PAGES[page]}")
        opened.wait_for_load_state("networkidle")
    total = sum(came.values())
    print(f"{page}, {'scripts' if scripts else 'no scripts'}: {total / 1000:.1f} kB in {len(came)} requests")
    assert len(came) >= 2, names
    assert all(address.startswith(house.site) for address in names.values())
    assert total <= MOST, {names[one]: size for one, size in came.items()}
