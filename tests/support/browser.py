"""Debian's Chromium, headless, for the few pages the service has."""

import contextlib
import tempfile

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars")


@contextlib.contextmanager
def chromium():
    """A browser with an empty profile of its own."""
    with tempfile.TemporaryDirectory() as profile:
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(
            service=Service("/usr/bin/chromedriver"), options=options)
        try:
            resize(driver)
            yield driver
        finally:
            driver.quit()


def resize(driver, width=1280, height=1000):
    """The viewport: headless windows have a smallest width, this has none."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1,
        "mobile": False})


def leave_page(driver):
    """Marks the page that an action is about to leave."""
    driver.execute_script("window.left = true")


def wait_for_page(driver):
    """Returns once another page than the one marked is there. What a driver
    asks in the middle of the change fails in several ways: asked again."""
    WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException]).until(
        lambda d: d.execute_script(
            "return !window.left && document.readyState === 'complete'"))
