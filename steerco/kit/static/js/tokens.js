// Colours of the current theme for what CSS cannot reach: canvas and charts.

const probe = document.createElement("span");
probe.hidden = true;

/** Resolved values of the named colour tokens (`--name`), as the theme in force has them. */
export function colours(names) {
  if (!probe.isConnected) document.body.append(probe);
  const resolved = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    resolved[name] = getComputedStyle(probe).color;
  }
  return resolved;
}

/** Calls back when the theme changes: by the reader's choice, the system's, or for printing. */
export function onThemeChange(callback) {
  new MutationObserver(callback).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(query).addEventListener("change", callback);
  }
}
