# SPDX-License-Identifier: Apache-2.0
"""Looks at the pages of MLflow's web UI as somebody would who made what make.py made.

usage: look.py BROWSER URL EXPERIMENT RUN OTHER    the pictures go to the current directory
"""
import sys

from browser import use

program, url, experiment, run, other = sys.argv[1:]
runs = f"/#/experiments/{experiment}/runs"
version = "/#/models/churn/versions"


def look(browser):
    def page(name, path, *texts):
        print(name, flush=True)
        browser.open(url + path)
        browser.shows(*texts)
        return lambda: browser.shoot(f"{name}.png")

    page("experiments", "/", "churn-study", "Default")()
    page("runs", runs, "shallow", "deeper", "customers (abcd1234)", "2 matching runs")()
    page("run", f"{runs}/{run}", "deeper", "auc", "0.91", "final_loss", "0.4321", "learning_rate",
         "0.05", "booster", "gbtree", "risk-lab", "customers (abcd1234)", "churn", "v2", "Finished")()
    shoot = page("chart", f"{runs}/{run}/model-metrics", "auc", "deeper (auc)", "final_loss")
    browser.wait("document.querySelectorAll('.js-plotly-plot .point').length >= 12",
                 "a point for each step")
    shoot()
    page("artifact", f"{runs}/{run}/artifacts/report/notes.txt",
         "notes.txt", "measured on a quiet afternoon by deeper")()
    shoot = page("compared", f'/#/compare-runs?runs=["{run}","{other}"]&experiments=["{experiment}"]',
                 "Comparing 2 Runs", "shallow", "deeper", "0.81", "0.91", "learning_rate")
    browser.wait("document.querySelector('.js-plotly-plot')", "a plot")
    shoot()
    page("models", "/#/models", "churn", "Version 2", "champion")()
    page("model", "/#/models/churn", "says who leaves", "Version 1", "champion", "by-dana")()
    shoot = page("version", f"{version}/1", "Production", "champion", "reviewed", "by-dana",
                 "shallow", "Inputs (1)")
    browser.type("input[placeholder=Name]", "checked")
    browser.type("input[placeholder=Value]", "by-hand")
    browser.click("button", "Add")
    browser.shows("checked", "by-hand")
    shoot()
    page("no such run", f"{runs}/{'0' * 32}", "does not exist")()


# What is told to whoever is new would lie over the pages of models.
complaints = use(look, program, "profile", "browser.log",
                 "localStorage.setItem('_mlflow_model_registry_promo_modal_dismissed', 'true')")
refused = [one for one in complaints if not one.startswith("Failed to load resource")]
assert not refused, refused
