/** How a source is shown: validity badge, entry in the list below an answer, links to the originals. */

import { button, element, icon } from "./dom.js";
import { formatDate, headingsBelow, hostName, publisherPhrase, webAddress } from "./format.js";
import { label, labelName, live, t } from "./language.js";

const STATUSES = {
  "gültig": { name: "valid", icon: "check" },
  ausgelaufen: { name: "expired", icon: "expired" },
  unklar: { name: "unclear", icon: "unclear" },
};

/** The validity of a citation or passage as icon and word; with `withDate` also until when. */
export function badge({ status, valid_until: validUntil }, withDate = false) {
  const { name, icon: drawing } = STATUSES[status] ?? STATUSES.unklar;
  const dated = { valid: "status_valid_until", expired: "status_expired_on" }[name];
  const key = withDate && validUntil && dated ? dated : `status_${name}`;
  const word = label(element("span"), key, { date: () => formatDate(validUntil) });
  return element("span", { class: `badge badge-${name}` }, icon(drawing), word);
}

/** „Stand 22. November 2026". */
export function asOf(stand) {
  return stand ? label(element("span"), "asOf", { date: () => formatDate(stand) }) : null;
}

/** The superscript number behind a statement; opens the citation. */
export function citationButton(citation, onOpen) {
  const node = button(
    { class: "citation", "aria-haspopup": "dialog", "aria-expanded": "false", "data-testid": "citation-button", "data-citation": citation.id },
    () => onOpen(citation, node),
    String(citation.id),
  );
  return labelName(node, "openSource", { id: citation.id, title: citation.title });
}

/** One line of the list „Quellen" below an answer. */
export function sourceItem(citation, onOpen) {
  const path = headingsBelow(citation.title, citation.heading_path);
  const publisher = live(element("span"), () => publisherPhrase(citation));
  const open = button(
    { class: "source", "aria-haspopup": "dialog", "aria-expanded": "false", "data-citation": citation.id },
    () => onOpen(citation, open),
    element("span", { class: "source-number" }, String(citation.id)),
    element(
      "span",
      { class: "source-text" },
      element(
        "span",
        { class: "source-title", lang: "de" },
        citation.title,
        path.length > 0 ? element("span", { class: "source-heading" }, ` › ${path.at(-1)}`) : null,
      ),
      element("span", { class: "source-facts" }, publisher.textContent ? publisher : null, asOf(citation.stand), badge(citation)),
    ),
  );
  return element("li", { "data-testid": "source-item" }, open);
}

/** A list of links to the original pages, in a new tab. */
export function sourceLinks(sources) {
  return element("ul", { class: "source-links" }, ...sources.map(sourceLink));
}

function sourceLink(source) {
  const address = webAddress(source.url);
  const title = source.title || (address ? hostName(address) : "");
  const name = element("span", { lang: "de" }, title);
  const facts = element(
    "span",
    { class: "source-facts" },
    source.publisher ? element("span", {}, source.publisher) : null,
    source.date ? live(element("span"), () => formatDate(source.date)) : null,
  );
  if (!address) {
    return element("li", {}, name, facts);
  }
  const newTab = label(element("span", { class: "visually-hidden" }), "newTab");
  const link = element(
    "a",
    { href: address, target: "_blank", rel: "noopener", "data-testid": "panel-source-link" },
    name,
    " ",
    newTab,
    icon("external"),
  );
  return element("li", {}, link, facts);
}

/** The originals of a citation or passage; bare addresses stand in where nothing more is known. */
export function originals(item) {
  if ((item.sources ?? []).length > 0) {
    return item.sources;
  }
  return (item.source_urls ?? []).map((url) => ({ id: null, title: "", publisher: item.publisher, date: null, url }));
}

/** „Quelle 3", or „Benachbarter Abschnitt" for a passage that nobody cited. */
export function sourceNumber(citation) {
  return citation ? t("panelNumber", { id: citation.id }) : t("panelNeighbour");
}
