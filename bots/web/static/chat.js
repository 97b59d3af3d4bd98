/** The chat page: puts the parts together and leads a question from the box to its answer. */

import { AnswerView, questionList } from "./answer.js";
import { announce } from "./announcer.js";
import { ApiError, fetchExamples, streamAnswer } from "./api.js";
import { Composer } from "./composer.js";
import { element, prefersCalm } from "./dom.js";
import { label, language, onLanguageChange, otherLanguage, relabel, setLanguage, t } from "./language.js";
import { Panel } from "./panel.js";
import { Readiness } from "./readiness.js";
import { LANGUAGES } from "./texts.js";

const EXAMPLE_COUNT = 6;
const page = Object.fromEntries(
  ["intro", "examples", "log", "new-conversation", "language", "service-state"]
    .map((id) => [id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase()), document.getElementById(id)]),
);

/** The conversation lives in this page only: leaving it forgets it. */
let conversationId = null;
let running = null;
let turns = [];

const composer = new Composer(ask);
const panel = new Panel(document.getElementById("panel"), composer.input);
const readiness = new Readiness(showServiceState);

function ask(question) {
  if (running) {
    announce(t("stillAnswering"));
    return false;
  }
  const view = new AnswerView(question, {
    openCitation: (citation, opener) => panel.open(citation, opener),
    ask: askFromButton,
    retry: () => run(view) && view.focus(),
    edit: () => composer.edit(question),
    cancel: () => {
      running?.abort();
      view.focus();
    },
  });
  page.intro.hidden = true;
  page.newConversation.hidden = false;
  turns.push(view);
  page.log.append(view.element);
  run(view);
  view.element.scrollIntoView({ block: "start", behavior: prefersCalm() ? "auto" : "smooth" });
  return true;
}

/** The pressed button may vanish, so the focus goes on to the new question: reading continues from there. */
function askFromButton(question) {
  if (ask(question)) {
    turns.at(-1).focus();
  }
}

/** Start the answer; false if another one is under way. */
function run(view) {
  if (running) {
    announce(t("stillAnswering"));
    return false;
  }
  running = new AbortController();
  answer(view, running);
  return true;
}

async function answer(view, controller) {
  view.begin();
  announce(t("announceStart"));
  try {
    if (readiness.state === "starting") {
      view.wait("starting");
      await readiness.untilStarted(controller.signal);
    }
    await receive(view, controller.signal);
  } catch (error) {
    const known = error instanceof ApiError ? error : new ApiError("broken");
    view.fail(known);
    // A conversation that was left behind has nothing more to say.
    if (turns.includes(view)) {
      announceFailure(known);
    }
  } finally {
    if (running === controller) {
      running = null;
    }
  }
}

async function receive(view, signal) {
  const request = { question: view.question, locale: language() };
  if (conversationId) {
    request.conversation_id = conversationId;
  }
  for await (const { type, data } of streamAnswer(request, signal)) {
    if (signal.aborted) {
      throw new ApiError("cancelled");
    }
    if (type === "error") {
      throw new ApiError("problem", data);
    } else if (type === "done") {
      conversationId = data.conversation_id ?? conversationId;
      view.finish(data);
      announceAnswer(view.citationCount);
    } else {
      view.apply(type, data);
    }
  }
}

function announceFailure({ kind, detail }) {
  announce(kind === "cancelled" ? t("cancelledText") : [t("announceError"), detail].filter(Boolean).join(" "));
}

function announceAnswer(count) {
  const keys = ["announceEnd", "announceEndOneSource"];
  announce(t(keys[count] ?? "announceEndSources", { count }));
}

function startOver() {
  turns = [];
  running?.abort();
  running = null;
  conversationId = null;
  panel.close();
  page.log.replaceChildren();
  page.intro.hidden = false;
  page.newConversation.hidden = true;
  scrollTo({ top: 0 });
  composer.focus();
  announce(t("newConversationStarted"));
}

function showServiceState(state, problem) {
  const line = page.serviceState;
  const wasShown = !line.hidden;
  line.hidden = state === "ready";
  if (state === "ready") {
    if (wasShown) {
      announce(t("readyAgain"));
    }
    showExamples();
    return;
  }
  const text = label(element("span"), state);
  const more = state === "starting" ? [problem?.detail, problem?.hint].filter(Boolean).join(" ") : "";
  line.replaceChildren(text, more ? ` ${more}` : "");
  if (!wasShown) {
    announce(line.textContent);
  }
}

async function showExamples() {
  const wanted = language();
  try {
    const questions = await fetchExamples(wanted, EXAMPLE_COUNT);
    if (wanted !== language()) {
      return;
    }
    const list = questionList(questions, "example-question", askFromButton);
    list.id = "example-list";
    document.getElementById("example-list").replaceWith(list);
    page.examples.hidden = questions.length === 0;
  } catch {
    // Examples are a courtesy; without them the question box is still there.
  }
}

function showLanguageSwitch() {
  const code = otherLanguage();
  page.language.textContent = LANGUAGES[code].name;
  page.language.lang = code;
}

page.newConversation.addEventListener("click", startOver);
page.language.addEventListener("click", () => setLanguage(otherLanguage()));
onLanguageChange(() => {
  showLanguageSwitch();
  showExamples();
});
relabel();
showLanguageSwitch();
readiness.watch();
