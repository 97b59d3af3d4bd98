/** Dates, addresses and names as people read them. */

import { locale, t } from "./language.js";

/** "2026-11-22" → „22. November 2026", "2018-11" → „November 2018"; anything else stays as it is. */
export function formatDate(value) {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(String(value ?? "").trim());
  if (!match) {
    return String(value ?? "");
  }
  const [, year, month, day] = match;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1)));
  if (Number.isNaN(date.getTime())) {
    return String(value);
  }
  const style = day ? { day: "numeric" } : {};
  return new Intl.DateTimeFormat(locale(), { ...style, month: "long", year: "numeric", timeZone: "UTC" }).format(date);
}

/** The address if it is a web address, else null: a link must never run a script. */
export function webAddress(value) {
  try {
    const url = new URL(value);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** The host of a web address without „www.", as a name for a source without title. */
export function hostName(address) {
  return new URL(address).hostname.replace(/^www\./, "");
}

/** The publishers of a citation in one short phrase. */
export function publisherPhrase(citation) {
  const names = [...new Set((citation.sources ?? []).map((source) => source.publisher).filter(Boolean))];
  if (names.length === 0) {
    return citation.publisher ?? "";
  }
  return names.length <= 2 ? names.join(", ") : t("andOthers", { first: names[0] });
}

/** The headings above a passage without the document's own title. */
export function headingsBelow(title, headingPath) {
  const path = (headingPath ?? []).filter(Boolean);
  return path[0] === title ? path.slice(1) : path;
}

/** Offsets from the service count characters, JavaScript counts UTF-16 units: a function that converts. */
export function offsetConverter(text) {
  if (!/[\uD800-\uDBFF]/.test(text)) {
    return (offset) => offset;
  }
  const units = [0];
  for (const character of text) {
    units.push(units.at(-1) + character.length);
  }
  return (offset) => units[Math.min(Math.max(offset, 0), units.length - 1)];
}
