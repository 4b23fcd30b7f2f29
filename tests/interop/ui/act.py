# SPDX-License-Identifier: Apache-2.0
"""Moves churn/2 to Staging by hand, as somebody who has a password.

usage: act.py BROWSER URL USER PASSWORD    the pictures go to the current directory
"""
import sys

from browser import use

program, url, user, password = sys.argv[1:]


def act(browser):
    refusal = browser.open(f"{url}/")
    assert refusal, "nobody was asked who they are"
    print(refusal)
    # What the browser asks for in a window of its own it takes from an address, too.
    browser.open(url.replace("://", f"://{user}:{password}@") + "/static-files/manifest.json")
    browser.shows("start_url")
    browser.open(f"{url}/")
    browser.shows("Default")
    browser.open(f"{url}/#/models/churn/versions/2")
    browser.click("[class*=stage-transition-dropdown]")
    browser.click("[role=menuitem]", "Staging")
    browser.click("[role=dialog] button", "OK")
    browser.wait("document.querySelector('[class*=stage-transition-dropdown]').innerText"
                 ".includes('Staging')", "the new stage")
    browser.shoot("transition.png")


# The pages of models have stages where the newer ones have been put aside.
use(act, program, "profile-2", "browser-2.log", """
    localStorage.setItem('_mlflow_user_setting_dismiss_next_model_registry_ui', 'true');
    localStorage.setItem('_mlflow_model_registry_promo_modal_dismissed', 'true')""")
