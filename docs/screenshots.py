"""Take the pictures of the documents from a portal that `make demo` serves: `make screenshots`.

PORTAL names its address (default http://127.0.0.1:8000), CHROMIUM the browser. From a portal that nobody has set up yet
it takes the picture of that. It looks at pages, uploads two roster
files and discards them: what the portal counts is the same afterwards.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from docs.sample_roster import GROUP, sample
from tests.browser.chromium import launch

PORTAL = os.environ.get("PORTAL", "http://127.0.0.1:8000")
IMAGES = Path(__file__).parent / "images"
PASSWORD = "shequ-2023-jiayuan"  # noqa: S105 - the demonstration's, printed by `make demo`
GAP, GROUND = 24, "#dfe4ea"
DESK = (1100, 760)
PHONE = (390, 844)
WALL = (1920, 1080)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 150_000  # bytes; a reader on a slow line waits for all of them
COLOURS = (128, 64, 32, 16)


@contextmanager
def signed_in(browser: Browser, username: str, width: int, height: int) -> Iterator[Page]:
    """A browser in which somebody of the demonstration has signed in and agreed."""
    context = browser.new_context(viewport={"width": width, "height": height}, base_url=PORTAL, locale="zh-CN")
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    if "/consent/" in page.url:
        page.locator("main form button[type=submit]").first.click()
    yield page
    context.close()


def picture(page: Page, address: str = "", *, until: int = 0) -> Image.Image:
    """What the window shows, at an address or where it is; with `until`, the page down to so many pixels."""
    if address:
        page.goto(address)
    page.wait_for_load_state("networkidle")
    if until:
        taken = page.screenshot(full_page=True)
        whole = Image.open(BytesIO(taken)).convert("RGB")
        return whole.crop((0, 0, whole.width, min(until, whole.height)))
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def follow(page: Page, *names: str) -> None:
    """Go on by the links that are called so."""
    for name in names:
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_load_state()


def beside(*pictures: Image.Image) -> Image.Image:
    """Pictures side by side on a grey ground, all as high as the highest."""
    height = max(one.height for one in pictures) + 2 * GAP
    sheet = Image.new("RGB", (sum(one.width + GAP for one in pictures) + GAP, height), GROUND)
    left = GAP
    for one in pictures:
        sheet.paste(one, (left, GAP))
        left += one.width + GAP
    return sheet


def keep(name: str, shown: Image.Image) -> None:
    """Write a picture with as many colours as fit into its size."""
    for colours in COLOURS:
        shown.quantize(colours).save(IMAGES / name, optimize=True)
        if (IMAGES / name).stat().st_size <= LARGEST:
            return
    raise ValueError(f"{name} is larger than {LARGEST} bytes")


# The pictures


def first_run(browser: Browser) -> bool:
    """The first page of a portal that has nobody yet, as `make serve` starts it; whether this is one."""
    page = browser.new_page(viewport={"width": DESK[0], "height": 820}, base_url=PORTAL, locale="zh-CN")
    page.goto("/sign-in/")
    found = "/first-run/" in page.url
    if found:
        keep("first-run.png", picture(page))
    page.close()
    return found


def portal(browser: Browser) -> None:
    with signed_in(browser, "leader", 390, 844) as phone:
        home, notices_ = picture(phone, "/"), picture(phone, "/notices/")
    with signed_in(browser, "staff", 1280, 844) as desk:
        incidents = picture(desk, "/incidents/")
    keep("portal.png", beside(home, notices_, incidents))


def roster_import(browser: Browser) -> None:
    with signed_in(browser, "staff", *DESK) as desk:
        keep("import-upload.png", picture(desk, "/roster/imports/", until=480))
        _upload(desk, with_errors=True)
        keep("import-errors.png", picture(desk, until=1140))
        desk.goto(f"{desk.url.split('?')[0]}columns/")
        keep("import-columns.png", picture(desk, until=760))
        _discard(desk)
        _upload(desk, with_errors=False)
        keep("import-preview.png", picture(desk, until=700))
        _discard(desk)


def _upload(desk: Page, *, with_errors: bool) -> None:
    desk.goto("/roster/imports/")
    file = {"name": "居民情况登记表.xlsx", "mimeType": XLSX, "buffer": sample(with_errors=with_errors)}
    desk.set_input_files("input[type=file]", file)
    desk.locator("main form button[type=submit]").first.click()
    desk.wait_for_selector(".figures", timeout=120_000)  # the worker has read it


def _discard(desk: Page) -> None:
    desk.goto(desk.url.split("?")[0].removesuffix("columns/"))
    desk.get_by_text("放弃", exact=True).first.click()
    desk.get_by_role("button", name="确认放弃").click()
    desk.wait_for_load_state()


def people(browser: Browser) -> None:
    with signed_in(browser, "staff", *DESK) as desk:
        desk.goto("/people/?age=elderly&alone=on")
        keep("people.png", picture(desk, until=700))
        desk.goto("/people/")
        desk.locator("main input[type=search], main input[name=q]").first.fill("陈丽芳")
        desk.keyboard.press("Enter")
        desk.wait_for_load_state()
        follow(desk, "陈丽芳")
        keep("resident.png", picture(desk, until=900))


def buildings(browser: Browser) -> None:
    with signed_in(browser, "staff", *DESK) as desk:
        desk.goto("/places/")
        follow(desk, "岐山中路第一网格", GROUP, "楼栋")
        keep("facade.png", picture(desk, until=880))


def posts(browser: Browser) -> None:
    with signed_in(browser, "staff2", *DESK) as desk:
        desk.goto("/places/")
        follow(desk, "任命楼长")
        keep("leaders.png", picture(desk, until=580))
    with signed_in(browser, "secretary", *DESK) as desk:
        desk.goto("/places/")
        follow(desk, "岐山中路第一网格", GROUP)
        desk.locator("main").get_by_role("link", name="更换").click()
        desk.wait_for_load_state()
        keep("replace.png", picture(desk, until=920))
        desk.goto("/places/")
        follow(desk, "岐山中路第一网格", GROUP)
        desk.get_by_role("link", name="并入其他辖区").click()
        desk.locator("main select").first.select_option(index=1)
        desk.locator("main form button[type=submit]").first.click()
        desk.wait_for_load_state()
        keep("merge.png", picture(desk, until=820))


def _first_incident(desk: Page) -> None:
    """Open the first incident of the list that is on the screen."""
    desk.locator("#results tbody th a").first.click()
    desk.wait_for_load_state()


def incidents(browser: Browser) -> None:
    """What the committee's handbook shows of incidents."""
    with signed_in(browser, "staff", *DESK) as desk:
        keep("incidents.png", picture(desk, "/incidents/", until=800))
        for box in desk.locator("[data-bulk-item]").all()[:3]:
            box.check()
        keep("bulk.png", picture(desk))
        desk.goto("/incidents/?scope=open&state=in_progress")
        _first_incident(desk)
        keep("incident.png", picture(desk, until=1000))
        keep("requests.png", picture(desk, "/incidents/requests/", until=560))


def maps(browser: Browser) -> None:
    """The community on a schematic and over the months; reached from the page of the community."""
    with signed_in(browser, "staff", *DESK) as desk:
        desk.goto("/places/")
        community = desk.url.rstrip("/")
        keep("incident-map.png", picture(desk, f"{community}/incident-map/?show=365", until=900))
        keep("hot-spots.png", picture(desk, f"{community}/hot-spots/", until=800))


def boards(browser: Browser) -> None:
    """What the handbooks of the street and of the operator show: the board, a figure behind it, the wall, a recount."""
    with signed_in(browser, "street", *DESK) as desk:
        keep("board-street.png", picture(desk, "/board/", until=1200))
        desk.locator("main .readings a").nth(3).click()
        desk.wait_for_load_state()
        desk.goto(desk.get_by_role("link", name="其余").evaluate("(link) => link.href.split('#')[0]"))
        desk.wait_for_timeout(1000)  # until the chart is drawn
        keep("board-figure.png", picture(desk, until=1420))
        desk.goto("/board/")
        desk.get_by_role("link", name="重新统计").click()
        keep("recount.png", picture(desk, until=520))
    with signed_in(browser, "street", *WALL) as wall:
        wall.goto("/board/")
        wall.get_by_role("link", name="大屏").click()
        wall.get_by_role("button", name="暂停").click()
        shown = [_next_panel(wall) for _ in range(3)]
        keep("wall.png", beside(*[one.resize((640, 360)) for one in (shown[0], shown[2])]))


def _next_panel(wall: Page) -> Image.Image:
    """The panel that hangs there, once it has appeared and its chart is drawn; then on to the next."""
    wall.wait_for_timeout(1500)
    shown = picture(wall)
    wall.get_by_role("link", name="下一屏").or_(wall.get_by_role("button", name="下一屏")).first.click()
    return shown


def department(browser: Browser) -> None:
    with signed_in(browser, "department", *DESK) as desk:
        keep("department.png", picture(desk, "/incidents/department/?tab=in_hand", until=760))


def leader(browser: Browser) -> None:
    """What the building leader's handbook shows: a phone, two pages side by side. Nothing is sent."""
    with signed_in(browser, "leader", *PHONE) as phone:
        mine = picture(phone, "/incidents/mine/")
        emergency = picture(phone, "/incidents/emergency/")
        camera = picture(phone, "/incidents/report/")
        keep("leader-report.png", beside(camera, mine))
        keep("leader-emergency.png", emergency)
        _report_without_a_signal(phone)  # it is gone with the window, which closes before there is a line again
        keep("leader-drafts.png", picture(phone))


def notices(browser: Browser) -> None:
    """What both handbooks show of a notice: how far it has come, and the doors of a leader. Nothing is sent."""
    with signed_in(browser, "staff", *DESK) as desk:
        desk.goto("/notices/?audience=representatives&standing=standing")
        _first_incident(desk)
        keep("notice-follow.png", picture(desk, until=900))
    with signed_in(browser, "leader", *PHONE) as phone:
        listed = picture(phone, "/notices/")
        phone.locator(".letter:has(progress):not(.letter-new) a").first.click()
        phone.wait_for_load_state()
        phone.goto(f"{phone.url}doors/")
        keep("leader-notices.png", beside(listed, picture(phone)))


def _report_without_a_signal(phone: Page) -> None:
    photo = BytesIO()
    Image.new("RGB", (1200, 900), "#8a98a8").save(photo, "JPEG")
    phone.locator("#id_photos_album").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()}
    )
    phone.locator(".tile-button:visible").first.click()
    phone.locator("main form label:visible").first.click()
    phone.locator("[name=description]").fill("三楼楼梯口堆满纸箱")
    phone.context.set_offline(True)
    phone.locator("form[data-steps] button[type=submit]").last.click()
    phone.locator("[data-waiting]:visible").wait_for()


def main() -> None:
    """Write every picture the documents show."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        desks = (portal, roster_import, people, buildings, posts, incidents, maps, boards, department)
        if not first_run(browser):
            for take in (*desks, leader, notices):
                take(browser)
        browser.close()


if __name__ == "__main__":
    main()
