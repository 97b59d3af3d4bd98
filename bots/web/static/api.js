/** The service's HTTP API, the only thing this page talks to. */

import { EventParser } from "./sse.js";

/** A stream that says nothing for so long is taken for dead. */
const SILENCE_MS = 60_000;
const REQUEST_MS = 15_000;

/** What went wrong: `kind` is problem, network, broken, timeout or cancelled; the rest is from the service. */
export class ApiError extends Error {
  constructor(kind, { title = null, detail = null, hint = null, status = null } = {}) {
    super(detail ?? kind);
    this.kind = kind;
    this.title = title;
    this.detail = detail;
    this.hint = hint;
    this.status = status;
  }
}

/** Addresses are relative to the page, so that Lotse also works below a path of a larger site. */
function address(path, query = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.set(name, value);
  }
  return url;
}

async function problemOf(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy may answer with a page of its own; the status is then all we know.
  }
  const { title, detail, hint } = body ?? {};
  const text = typeof detail === "string" ? detail : null;
  return new ApiError("problem", { title, detail: text, hint, status: response.status });
}

async function getJson(path, query) {
  let response;
  try {
    response = await fetch(address(path, query), { signal: AbortSignal.timeout(REQUEST_MS) });
  } catch (error) {
    throw new ApiError(error.name === "TimeoutError" ? "timeout" : "network");
  }
  if (!response.ok) {
    throw await problemOf(response);
  }
  try {
    return await response.json();
  } catch {
    throw new ApiError("broken");
  }
}

/** Resolves when the service is ready; throws an ApiError (status 503 while it starts). */
export async function fetchReadiness() {
  await getJson("readyz");
}

/** Questions to show before the first one is asked. */
export async function fetchExamples(locale, count) {
  const body = await getJson("api/v1/examples", { locale, count });
  return Array.isArray(body.examples) ? body.examples : [];
}

/** The passage that a citation points to. */
export function fetchPassage(passageId) {
  return getJson(`api/v1/passages/${encodeURIComponent(passageId)}`);
}

/** Ask a question; yields `{type, data}` for each event, the last one being `done` or `error`. */
export async function* streamAnswer(request, signal) {
  const silence = new AbortController();
  let timer = 0;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  const reason = (otherwise) => {
    if (signal.aborted) {
      return "cancelled";
    }
    return silence.signal.aborted ? "timeout" : otherwise;
  };

  listen();
  try {
    let response;
    try {
      response = await fetch(address("api/v1/answers"), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ ...request, channel: "web", stream: true }),
        signal: AbortSignal.any([signal, silence.signal]),
      });
    } catch {
      throw new ApiError(reason("network"));
    }
    if (!response.ok) {
      throw await problemOf(response);
    }
    try {
      yield* readEvents(response, listen);
    } catch {
      throw new ApiError(reason("broken"));
    }
  } finally {
    clearTimeout(timer);
  }
}

async function* readEvents(response, onProgress) {
  if (!(response.headers.get("Content-Type") ?? "").includes("text/event-stream")) {
    // A proxy or a simpler service may send the whole answer at once.
    yield { type: "done", data: await response.json() };
    return;
  }
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        throw new Error("the stream ended before the answer did");
      }
      onProgress();
      for (const { type, data } of parser.push(decoder.decode(value, { stream: true }))) {
        yield { type, data: JSON.parse(data) };
        if (type === "done" || type === "error") {
          return;
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
