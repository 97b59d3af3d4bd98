/** The question box: grows with its text, counts near the limit, sends on Enter. */

import { announce } from "./announcer.js";
import { label, labelName, t } from "./language.js";

/** The service refuses longer questions. */
export const LIMIT = 2000;
const COUNT_FROM = LIMIT - 200;

export class Composer {
  #form = document.getElementById("question-form");
  #counter = document.getElementById("question-counter");
  #area = document.getElementById("composer");
  #length = 0;

  /** `onAsk(question)` returns whether the question was taken; only then is the box emptied. */
  constructor(onAsk) {
    this.input = document.getElementById("question");
    labelName(this.#area, "questionArea");
    this.input.addEventListener("input", () => this.#changed());
    this.input.addEventListener("keydown", (event) => {
      // Enter also ends the composition of a character; that must not send.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#form.requestSubmit();
      }
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(onAsk);
    });
    // The box lies over the end of the page; what gets the focus must not hide below it.
    new ResizeObserver(() => {
      const sticky = getComputedStyle(this.#area).position === "sticky";
      const height = sticky ? this.#area.offsetHeight : 0;
      document.documentElement.style.setProperty("--composer-height", `${height}px`);
    }).observe(this.#area);
  }

  /** Put a question back for editing; a draft that is already there is kept below it. */
  edit(question) {
    const draft = this.input.value.trim();
    this.input.value = draft && draft !== question ? `${question}\n${draft}` : question;
    this.#changed();
    this.input.focus();
  }

  focus() {
    this.input.focus();
  }

  #submit(onAsk) {
    const question = this.input.value.trim();
    if (question === "") {
      announce(t("questionEmpty"));
      this.input.focus();
    } else if ([...question].length > LIMIT) {
      announce(this.#counter.textContent);
      this.input.focus();
    } else if (onAsk(question)) {
      this.input.value = "";
      this.#changed();
    }
  }

  #changed() {
    if (!CSS.supports("field-sizing", "content")) {
      this.input.style.height = "auto";
      this.input.style.height = `${this.input.scrollHeight}px`;
    }
    const before = this.#length;
    this.#length = [...this.input.value.trim()].length;
    const over = this.#length > LIMIT;
    this.#counter.hidden = this.#length < COUNT_FROM;
    this.#counter.classList.toggle("is-over", over);
    this.input.toggleAttribute("aria-invalid", false);
    if (over) {
      this.input.setAttribute("aria-invalid", "true");
    }
    label(this.#counter, over ? "charactersOver" : "charactersLeft", { count: Math.abs(LIMIT - this.#length), limit: LIMIT });
    const crossed = (mark) => before < mark && this.#length >= mark;
    if (crossed(COUNT_FROM) || crossed(LIMIT + 1)) {
      announce(this.#counter.textContent);
    }
  }
}
