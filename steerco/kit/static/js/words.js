// Words and numbers in the reader's language.
//
// English is the source text and the key. A page in another language carries its translations as
// <script type="application/json" id="messages">{"Not saved": "Nicht gespeichert", …}</script>.

const element = document.getElementById("messages");
const catalogue = element ? JSON.parse(element.textContent) : {};
const page = document.documentElement.lang || "en";
// The page says which language; the browser knows which of its regions the reader writes numbers for.
const language = navigator.languages.find((one) => one.split("-")[0] === page.split("-")[0]) ?? page;
// Dates keep one order everywhere, day before month, as the server writes them: 3 Apr is never 4 March.
const dates = page.split("-")[0] === "en" ? "en-GB" : language;

/** The text in the page's language, with {name} replaced by values.name. */
export function t(text, values = {}) {
  return (catalogue[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A number as the reader writes it, with an explicit sign when asked. */
export function number(value, { digits = 0, signed = false } = {}) {
  const place = digits * 2 + Number(signed);
  numbers[place] ??= new Intl.NumberFormat(language, {
    maximumFractionDigits: digits,
    signDisplay: signed ? "exceptZero" : "auto",
  });
  return numbers[place].format(value);
}

const numbers = [];

const LONG = { day: "numeric", month: "short", year: "numeric" };
const formatters = new Map(); // making a formatter is slow; callers keep their options in constants
const bySpelling = new Map();

/** Minutes since 1970-01-01 (wall clock, no zone) as a date in words of the reader's language. */
export function date(minutes, options = LONG) {
  let formatter = formatters.get(options);
  if (!formatter) {
    const spelling = JSON.stringify(options);
    formatter = bySpelling.get(spelling) ?? new Intl.DateTimeFormat(dates, { ...options, timeZone: "UTC" });
    bySpelling.set(spelling, formatter);
    if (formatters.size < 100) formatters.set(options, formatter);
  }
  return formatter.format(minutes * 60000);
}
