// How the page asks and what it says when asking fails. The text a person typed is never taken away by a failure.

import { t } from "../words.js";
import { toast } from "./toasts.js";

const REASONS = {
  401: t("Your session has ended. What you typed is still here: sign in in another tab, then try again."),
  403: t("You may not change this. What you typed is still here."),
  404: t("This is no longer there, or not shared with you."),
  413: t("That is too large to send."),
  429: t("Too many requests; wait a moment and try again."),
};

const { htmx } = globalThis;

if (htmx) {
  htmx.config.allowEval = false;
  htmx.config.includeIndicatorStyles = false; // a <style> element the policy would refuse; steerco.css has the rule
  htmx.config.selfRequestsOnly = true;
  htmx.config.historyCacheSize = 0; // pages of one reader do not belong into the storage of a shared machine
  htmx.config.responseHandling = [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "409", swap: true, error: false }, // the conflict: yours, theirs, before
    { code: "422", swap: true, error: false }, // the form again, with its errors
    { code: "[45]..", swap: false, error: true },
  ];
}

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    toast({ text: t("No connection. Nothing was saved and nothing is lost: your text is still here, try again."), kind: "error" });
  });
}

// A session that ended answers with the way to sign in: that page has no place in a cell, and what was typed stays.
let told = false;
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr.responseURL || !new URL(xhr.responseURL).pathname.startsWith("/sign-in/")) return;
  event.preventDefault();
  if (told && requestConfig.verb === "get") return; // what a page asks by itself is not said twice
  told = true;
  toast({ text: REASONS[401], kind: "error" });
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const other = t("The server could not do that ({status}). Nothing was saved; what you typed is still here.", { status });
  toast({ text: REASONS[status] ?? other, kind: "error" });
});
