/** The language of the page: which one, how a text is looked up, and how shown texts follow a switch. */

import { LANGUAGES, TEXTS } from "./texts.js";

const STORAGE_KEY = "lotse.language";
const ATTRIBUTES = { textLabel: "aria-label", textPlaceholder: "placeholder" };

/** Placeholder values, or the computation, of an element's text: a switch of language writes it again. */
const values = new WeakMap();
const listeners = [];
let current = detect();

function detect() {
  const known = (code) => Object.hasOwn(TEXTS, code);
  let stored = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    // Storage may be forbidden; the browser's language is then good enough.
  }
  const wanted = [stored, ...(navigator.languages ?? [navigator.language])]
    .map((tag) => (tag ?? "").slice(0, 2).toLowerCase());
  return wanted.find(known) ?? "de";
}

/** The code of the page's language, "de" or "en". */
export function language() {
  return current;
}

/** The locale tag for dates and numbers. */
export function locale() {
  return LANGUAGES[current].locale;
}

/** The code of the language that the switch offers next. */
export function otherLanguage() {
  const codes = Object.keys(LANGUAGES);
  return codes[(codes.indexOf(current) + 1) % codes.length];
}

/** The text of `key`, placeholders filled; a value may be a function, asked anew at each switch. */
export function t(key, params = {}) {
  const template = TEXTS[current][key] ?? TEXTS.de[key] ?? key;
  return template.replace(/\{(\w+)\}/g, (_, name) => {
    const value = params[name];
    return String(typeof value === "function" ? value() : value ?? "");
  });
}

/** Whether there is a text of this name. */
export function hasText(key) {
  return Object.hasOwn(TEXTS.de, key);
}

/** Give `element` the text of `key`, now and after every switch of language. */
export function label(element, key, params) {
  element.dataset.text = key;
  values.set(element, { ...values.get(element), ...params });
  element.textContent = t(key, params);
  return element;
}

/** Give `element` a text that is computed, now and after every switch (dates, for example). */
export function live(element, compute) {
  element.dataset.live = "";
  values.set(element, compute);
  element.textContent = compute();
  return element;
}

/** Give `element` the accessible name of `key`, now and after every switch of language. */
export function labelName(element, key, params) {
  element.dataset.textLabel = key;
  values.set(element, { ...values.get(element), ...params });
  element.setAttribute("aria-label", t(key, params));
  return element;
}

/** Write all texts of the page in the current language. */
export function relabel() {
  document.documentElement.lang = current;
  document.title = t("pageTitle");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = t(element.dataset.text, values.get(element));
  }
  for (const element of document.querySelectorAll("[data-live]")) {
    element.textContent = values.get(element)();
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const selector = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const element of document.querySelectorAll(`[data-${selector}]`)) {
      element.setAttribute(attribute, t(element.dataset[name], values.get(element)));
    }
  }
}

/** Switch the page to `code` and remember it. */
export function setLanguage(code) {
  current = code;
  try {
    localStorage.setItem(STORAGE_KEY, code);
  } catch {
    // Without storage the choice holds until the page is left.
  }
  relabel();
  for (const listener of listeners) {
    listener(code);
  }
}

/** Call `listener` after every switch. */
export function onLanguageChange(listener) {
  listeners.push(listener);
}
