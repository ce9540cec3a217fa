// Nothing typed is lost: a <form data-draft="key"> is kept in the browser until the server has taken it.
//
// A draft is removed only when a page arrives that is neither the form again (an error) nor a sign-in page (the session
// ended), so an expired session costs nothing. Passwords, files and hidden fields are never kept.

import { date, t } from "../words.js";

const PREFIX = "steerco-draft:";
const SENT = "steerco-draft-sent";
const KEEP = 14 * 24 * 3600 * 1000;
const SKIP = new Set(["password", "file", "hidden", "submit", "button"]);

function stored(use) {
  try {
    return use(localStorage, sessionStorage);
  } catch {
    return null; // storage forbidden or full: the form works, only without a draft
  }
}

const fields = (form) => [...form.elements].filter((field) => field.name && !SKIP.has(field.type));

function values(form) {
  return fields(form).map((field) => [
    field.name,
    field.type === "checkbox" || field.type === "radio" ? [field.value, field.checked] : field.multiple ? [...field.selectedOptions].map((one) => one.value) : field.value,
  ]);
}

function fill(form, draft) {
  const left = draft.slice();
  for (const field of fields(form)) {
    const place = left.findIndex(([name, value]) => name === field.name && (!Array.isArray(value) || typeof value[1] !== "boolean" || value[0] === field.value));
    if (place < 0) continue;
    const [[, value]] = left.splice(place, 1);
    if (Array.isArray(value) && typeof value[1] === "boolean") [, field.checked] = value;
    else if (field.multiple) for (const option of field.options) option.selected = value.includes(option.value);
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function watch(form) {
  const key = PREFIX + form.dataset.draft;
  const before = JSON.stringify(values(form));
  const found = stored((local) => JSON.parse(local.getItem(key)));
  if (found && Date.now() - found.at < KEEP && JSON.stringify(found.values) !== before) offer(form, key, found);
  let timer;
  const keep = () => {
    const now = values(form);
    form.dirty = JSON.stringify(now) !== before;
    stored((local) => (form.dirty ? local.setItem(key, JSON.stringify({ at: Date.now(), values: now })) : local.removeItem(key)));
  };
  form.addEventListener("input", () => {
    form.dirty = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    keep();
    form.dirty = false;
    stored((_, session) => session.setItem(SENT, form.dataset.draft));
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    form.dirty = !event.detail.successful;
    if (event.detail.successful) stored((local) => local.removeItem(key));
  });
}

function offer(form, key, draft) {
  const notice = document.createElement("div");
  notice.className = "notice row";
  notice.setAttribute("role", "status");
  const zone = new Date(draft.at).getTimezoneOffset();
  const when = date(draft.at / 60000 - zone, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  notice.append(t("You were writing here on {when} and did not save.", { when }));
  const choice = (text, act) => {
    const button = notice.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "button button-small";
    button.textContent = text;
    button.addEventListener("click", () => {
      notice.remove();
      act();
      form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    });
  };
  choice(t("Bring it back"), () => {
    fill(form, draft.values);
    form.dirty = true;
  });
  choice(t("Throw it away"), () => stored((local) => local.removeItem(key)));
  form.prepend(notice);
}

function settle() {
  const sent = stored((_, session) => session.getItem(SENT));
  if (!sent || document.querySelector(`.outside, form[data-draft="${CSS.escape(sent)}"]`)) return;
  stored((local, session) => {
    local.removeItem(PREFIX + sent);
    session.removeItem(SENT);
  });
}

const seen = new WeakSet();
function watchAll(node) {
  for (const form of node.querySelectorAll("form[data-draft]")) {
    if (!seen.has(form)) watch(form);
    seen.add(form);
  }
}

addEventListener("beforeunload", (event) => {
  const forms = document.querySelectorAll("form[data-draft]");
  if ([...forms].some((form) => form.dirty)) event.preventDefault();
});

settle();
watchAll(document);
document.addEventListener("htmx:load", (event) => watchAll(event.detail.elt.parentElement ?? document));
