/** One question with its answer in the conversation: grows while it streams, is complete after `done`. */

import { button, element, icon } from "./dom.js";
import { hasText, label, language, t } from "./language.js";
import { citationButton, sourceItem } from "./sources.js";

const NOTICE_ICONS = { expired: "expired", not_yet_valid: "calendar", unclear: "unclear", curated: "check" };
const WARNINGS = new Set(["expired", "not_yet_valid", "sources_disagree"]);
let count = 0;

export class AnswerView {
  #actions;
  #heading;
  #locale = language();
  #parts = {};
  #notices = [];
  #statements = [];
  #citations = new Map();

  /** `actions`: openCitation(citation, button), ask(question), retry(), edit(), cancel(). */
  constructor(question, actions) {
    this.question = question;
    this.#actions = actions;
    const id = `question-${++count}`;
    this.#heading = element("h2", { class: "turn-question", id, tabindex: "-1" }, question);
    this.article = element("article", { class: "answer", "aria-labelledby": id, "data-testid": "answer" });
    this.element = element("section", { class: "turn" }, this.#heading, this.article);
  }

  get citationCount() {
    return this.#citations.size;
  }

  /** Move the focus to the question. */
  focus() {
    this.#heading.focus({ preventScroll: true });
  }

  /** Empty the answer and show that work has begun (also before a second try). */
  begin() {
    this.#notices = [];
    this.#statements = [];
    this.#citations.clear();
    this.#locale = language();
    delete this.article.dataset.outcome;
    this.article.setAttribute("aria-busy", "true");
    this.#parts = {
      notices: element("div", { class: "notices" }),
      text: element("div", { class: "answer-text" }),
      error: element("div", { class: "answer-error" }),
      sources: element("div", { class: "answer-sources" }),
      suggestions: element("div", { class: "answer-suggestions" }),
      status: element("div", { class: "status" }),
    };
    this.article.replaceChildren(...Object.values(this.#parts));
    const cancel = button({ class: "button-link" }, this.#actions.cancel, label(element("span"), "cancel"));
    this.#parts.line = label(element("p", { "data-testid": "status-line" }), "working");
    this.#parts.status.append(element("span", { class: "spinner", "aria-hidden": "true" }), this.#parts.line, cancel);
  }

  /** Replace the status line by a text of our own. */
  wait(key) {
    label(this.#parts.line, key);
  }

  /** Take one event of the stream other than `done` and `error`. */
  apply(type, data) {
    if (type === "status") {
      this.#showStage(data);
    } else if (type === "notice") {
      this.#addNotice(data);
    } else if (type === "statement") {
      this.#addStatement(data);
    } else if (type === "citation") {
      this.#addCitation(data);
    }
  }

  /** The whole answer is here: add what the stream did not bring, and the suggestions. */
  finish(answer) {
    (answer.notices ?? []).forEach((notice) => this.#addNotice(notice));
    this.#completeStatements(answer.statements ?? []);
    (answer.citations ?? []).forEach((citation) => this.#addCitation(citation));
    if (this.#statements.length === 0 && answer.text) {
      this.#parts.text.append(element("p", { class: "answer-plain", lang: this.#locale }, answer.text));
    }
    if (answer.outcome === "partial" && !this.#notices.some((notice) => notice.kind === "partial")) {
      this.#addNotice({ kind: "partial", text: t("partialText") });
    }
    if (answer.outcome === "error") {
      this.#parts.error.append(this.#retryButtons());
    }
    this.#addFoot(answer);
    this.#addSuggestions(answer);
    this.#end(answer.outcome);
  }

  /** The answer did not come; the question stays and can be sent again. */
  fail(error) {
    const cancelled = error.kind === "cancelled";
    const title = label(element("p", { class: "error-title" }), cancelled ? "cancelledTitle" : "errorTitle");
    if (error.kind === "problem" && error.title && error.detail) {
      delete title.dataset.text;
      title.textContent = error.title;
    }
    const lines = [title, this.#errorText(error)];
    lines.push(error.hint ? element("p", {}, error.hint) : label(element("p"), "retryHint"));
    const box = element("div", { class: cancelled ? "error error-calm" : "error", "data-testid": "error" });
    const text = element("div", { class: "error-text" }, ...lines, this.#retryButtons());
    box.append(icon(cancelled ? "info" : "warning"), text);
    this.#parts.error.replaceChildren(box);
    this.#end("error");
  }

  #end(outcome) {
    this.#parts.status.remove();
    this.article.removeAttribute("aria-busy");
    this.article.dataset.outcome = outcome;
  }

  #showStage({ stage, text }) {
    if (text) {
      delete this.#parts.line.dataset.text;
      this.#parts.line.textContent = text;
    } else if (hasText(`stage_${stage}`)) {
      label(this.#parts.line, `stage_${stage}`);
    }
  }

  #addNotice(notice) {
    if (this.#notices.some(({ kind, text }) => kind === notice.kind && text === notice.text)) {
      return;
    }
    this.#notices.push(notice);
    const key = hasText(`notice_${notice.kind}`) ? `notice_${notice.kind}` : "notice_other";
    const warning = WARNINGS.has(notice.kind);
    this.#parts.notices.append(
      element(
        "div",
        { class: warning ? "notice notice-warning" : "notice", "data-testid": "notice", "data-kind": notice.kind },
        icon(NOTICE_ICONS[notice.kind] ?? (warning ? "warning" : "info")),
        element(
          "p",
          {},
          label(element("strong"), key),
          " ",
          element("span", { lang: this.#locale }, notice.text),
        ),
      ),
    );
  }

  #addStatement(statement) {
    const markers = element("sup", {});
    const node = element(
      "p",
      { class: "statement", "data-testid": "statement" },
      element("span", { class: "statement-text", lang: statement.verbatim ? "de" : this.#locale }, statement.text),
      markers,
    );
    this.#statements.push({ ...statement, node, markers });
    this.#parts.text.append(node);
    this.#showMarkers();
  }

  /** The stream may have been cut short by a proxy; what is on the page already keeps its focus. */
  #completeStatements(statements) {
    const same = this.#statements.every((shown, index) => shown.text === statements[index]?.text);
    if (!same) {
      this.#statements = [];
      this.#parts.text.replaceChildren();
    }
    statements.slice(this.#statements.length).forEach((statement) => this.#addStatement(statement));
  }

  #addCitation(citation) {
    if (this.#citations.has(citation.id)) {
      return;
    }
    this.#citations.set(citation.id, citation);
    this.#showMarkers();
    this.#showSources();
  }

  /** A number appears with its citation, in either order of arrival: one that opens nothing is worse than none. */
  #showMarkers() {
    for (const { citations, node, markers } of this.#statements) {
      const known = (citations ?? []).filter((id) => this.#citations.has(id));
      if (markers.childElementCount < known.length) {
        node.style.setProperty("--citations", known.length);
        markers.replaceChildren(...known.map((id) => citationButton(this.#citations.get(id), this.#actions.openCitation)));
      }
    }
  }

  #showSources() {
    const { sources } = this.#parts;
    if (sources.childElementCount === 0) {
      sources.append(label(element("h3"), "sources"), element("ol", { class: "sources" }));
    }
    const list = sources.querySelector("ol");
    const citation = [...this.#citations.values()].at(-1);
    list.append(sourceItem(citation, this.#actions.openCitation));
  }

  #addFoot(answer) {
    const allVerbatim = this.#statements.length > 0 && this.#statements.every((statement) => statement.verbatim);
    const key = allVerbatim ? "footVerbatim" : "footGenerated";
    if (allVerbatim || (answer.mode === "generative" && this.#statements.length > 0)) {
      this.#parts.sources.append(label(element("p", { class: "answer-foot" }), key));
    }
  }

  #addSuggestions({ outcome, suggestions }) {
    if (!suggestions?.length) {
      return;
    }
    const keys = { answered: "suggestionsAnswered", partial: "suggestionsAnswered", clarify: "suggestionsClarify" };
    this.#parts.suggestions.append(
      label(element("h3"), keys[outcome] ?? "suggestionsOther"),
      questionList(suggestions, "suggestion", this.#actions.ask),
    );
  }

  #errorText(error) {
    if (error.detail) {
      return element("p", { lang: this.#locale }, error.detail);
    }
    const keys = { cancelled: "cancelledText", network: "networkText", broken: "brokenText", timeout: "timeoutText" };
    return label(element("p"), keys[error.kind] ?? "statusText", { status: error.status ?? "?" });
  }

  #retryButtons() {
    return element(
      "div",
      { class: "error-actions" },
      button({ class: "button-secondary", "data-testid": "retry" }, this.#actions.retry, icon("retry"), label(element("span"), "retry")),
      button({ class: "button-link", "data-testid": "edit-question" }, this.#actions.edit, label(element("span"), "editQuestion")),
    );
  }
}

/** Questions as buttons; each asks itself. */
export function questionList(questions, testId, ask) {
  const items = questions.map((question) =>
    element("li", {}, button({ class: "question-button", "data-testid": testId }, () => ask(question), question)));
  return element("ul", { class: "question-list" }, ...items);
}
