/** The panel that shows the place a citation points to: beside the text on wide screens, a sheet on phones. */

import { fetchPassage } from "./api.js";
import { button, element, icon } from "./dom.js";
import { headingsBelow } from "./format.js";
import { label, labelName, live } from "./language.js";
import { renderPassage, renderQuote } from "./passage.js";
import { asOf, badge, originals, sourceLinks, sourceNumber } from "./sources.js";

const WIDE = matchMedia("(min-width: 64rem) and (min-height: 30rem)");

export class Panel {
  #dialog;
  #fallback;
  #opener = null;
  #citation = null;
  #request = 0;
  #shown = false;

  /** `fallback` gets the focus if the button that opened the panel is gone. */
  constructor(dialog, fallback) {
    this.#dialog = dialog;
    this.#fallback = fallback;
    // The browser closes a sheet by itself (Esc, the phone's back gesture) and reports it a moment later.
    dialog.addEventListener("close", () => !dialog.open && this.#cleanUp());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !WIDE.matches) {
        this.close();
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && dialog.open && WIDE.matches) {
        event.preventDefault();
        this.close();
      }
    });
    WIDE.addEventListener("change", () => this.#changeMode());
  }

  /** Open the passage of `citation`; focus comes back to `opener` on closing. */
  open(citation, opener) {
    this.#markOpener(opener);
    this.#citation = citation;
    this.#show(citation.passage_id);
  }

  /** Close the panel, if it is open, and give the focus back. */
  close() {
    this.#dialog.close();
    this.#cleanUp();
  }

  /** Show the cited passage or, on the reader's way through the document, one beside it. */
  async #show(passageId) {
    const request = ++this.#request;
    const citation = passageId === this.#citation.passage_id ? this.#citation : null;
    const frame = this.#frame(citation);
    this.#dialog.replaceChildren(...frame.parts);
    this.#openDialog();
    frame.title.focus({ preventScroll: true });
    frame.body.append(label(element("p", { class: "panel-note" }), "panelLoading"));
    let passage = null;
    try {
      passage = await fetchPassage(passageId);
    } catch {
      // Shown below: the quote itself came with the answer, so it is never out of reach.
    }
    if (request === this.#request) {
      this.#fill(frame, passage, citation, () => this.#show(passageId));
    }
  }

  #frame(citation) {
    const title = element("h2", { id: "panel-title", tabindex: "-1", lang: "de" }, this.#citation.title);
    const number = live(element("p", { class: "panel-number" }), () => sourceNumber(citation));
    const close = button({ class: "panel-close", "data-testid": "panel-close" }, () => this.close(), icon("close"));
    labelName(close, "panelClose");
    const head = element("div", { class: "panel-head" }, element("div", { class: "panel-heading" }, number, title), close);
    // The text scrolls, so it takes the focus; without a role its name would be ignored.
    const body = labelName(element("div", { class: "panel-body", role: "group", tabindex: "0" }), "panelText");
    return { title, body, parts: [head, body] };
  }

  #fill({ title, body }, passage, citation, retry) {
    const shown = passage ?? citation;
    body.replaceChildren();
    if (!shown) {
      body.append(label(element("p", { class: "panel-note" }), "panelFailedNeighbour"), retryButton(retry), this.#neighbours({}));
      return;
    }
    title.textContent = shown.title;
    body.append(...facts(shown, passage?.page ?? citation?.page));
    if (passage) {
      const { body: text, quotedSourceIds } = renderPassage(passage, citation?.quote);
      body.append(text, ...sourceSections(passage, quotedSourceIds, citation), this.#neighbours(passage));
    } else {
      body.append(label(element("p", { class: "panel-note" }), "panelFailed"), renderQuote(citation.quote));
      body.append(retryButton(retry), ...sourceSections(citation, [], null));
    }
    scrollToQuote(body, this.#dialog);
  }

  #neighbours({ id = null, previous_id: previous, next_id: next }) {
    const way = (passageId, key, before, after) =>
      button({ class: "button-quiet" }, () => this.#show(passageId), before, label(element("span"), key), after);
    const cited = this.#citation.passage_id;
    const away = id !== cited && previous !== cited && next !== cited;
    return element(
      "div",
      { class: "panel-neighbours" },
      previous ? way(previous, "panelPrevious", icon("previous"), null) : null,
      next ? way(next, "panelNext", null, icon("next")) : null,
      away ? way(cited, "panelBack", icon("quote"), null) : null,
    );
  }

  #openDialog() {
    if (this.#dialog.open) {
      return;
    }
    this.#shown = true;
    document.body.classList.toggle("has-panel", WIDE.matches);
    if (WIDE.matches) {
      this.#dialog.show();
    } else {
      this.#dialog.showModal();
    }
  }

  /** Beside the text and above it are two kinds of dialog: reopen when the window changes its size. */
  #changeMode() {
    if (!this.#dialog.open) {
      return;
    }
    const focused = this.#dialog.contains(document.activeElement) ? document.activeElement : null;
    this.#dialog.close();
    this.#openDialog();
    focused?.focus();
  }

  #cleanUp() {
    if (!this.#shown) {
      return;
    }
    this.#shown = false;
    this.#request += 1;
    document.body.classList.remove("has-panel");
    const opener = this.#opener;
    this.#markOpener(null);
    (opener?.isConnected ? opener : this.#fallback).focus();
  }

  #markOpener(opener) {
    this.#opener?.setAttribute("aria-expanded", "false");
    this.#opener = opener;
    this.#opener?.setAttribute("aria-expanded", "true");
  }
}

function facts(shown, page) {
  const path = headingsBelow(shown.title, shown.heading_path);
  const pageText = page ? label(element("span"), "page", { page }) : null;
  return [
    path.length > 0 ? element("p", { class: "panel-path", lang: "de" }, path.join(" › ")) : "",
    element("p", { class: "panel-facts" }, badge(shown, true), asOf(shown.stand), pageText),
  ];
}

/** The originals, those of the marked sentence first: an editor may name several for one section. */
function sourceSections(shown, quotedIds, citation) {
  const all = originals(shown);
  const cited = new Set(quotedIds.length > 0 ? quotedIds : (citation?.sources ?? []).map((source) => source.id));
  const quoted = all.filter((source) => source.id && cited.has(source.id));
  const others = all.filter((source) => !quoted.includes(source));
  const section = (key, sources) =>
    element("section", { class: "panel-sources" }, label(element("h3"), key), sourceLinks(sources));
  const result = [];
  if (quoted.length > 0) {
    result.push(section("panelQuotedSources", quoted));
  }
  if (others.length > 0) {
    result.push(section(quoted.length > 0 ? "panelOtherSources" : "panelSources", others));
  }
  return result;
}

function retryButton(retry) {
  return button({ class: "button-secondary" }, retry, icon("retry"), label(element("span"), "retry"));
}

/** Only the panel moves: scrollIntoView would also shift the page behind it. */
function scrollToQuote(body, dialog) {
  const quote = body.querySelector("mark");
  const scroller = body.scrollHeight > body.clientHeight ? body : dialog;
  scroller.scrollTop = 0;
  if (quote) {
    const above = quote.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop = Math.max(0, above - scroller.clientHeight / 3);
  }
}
