"""Finding and launching the browser: Debian's Chromium or any other on this machine, never one that is downloaded."""

import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first draws no window
MISSING = (
    "no Chromium here: install it (Debian: apt install chromium-headless-shell) "
    "or name its program in the variable CHROMIUM"
)

# Every window would load pages for the suggestions beneath its address bar, which take longer than most of ours. The
# others are what Playwright itself leaves out: of several such lists the browser reads the last.
LEFT_OUT = (
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
)
FLAGS = (
    f"--disable-features={','.join(LEFT_OUT)}",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Nothing but this machine can be reached, whatever a page or the browser itself asks for.
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def find() -> str | None:
    """The program that CHROMIUM names, else the first one on the path; None where there is none."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if Path(named).is_file() else shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    flags: dict[str, Any] = {"args": [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)}
    return playwright.chromium.launch(executable_path=find(), timeout=120_000, **flags)
