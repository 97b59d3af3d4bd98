/** A parser for server-sent events, fed with text as it arrives (EventSource knows GET only). */

export class EventParser {
  #line = "";
  #afterReturn = false;
  #started = false;
  #type = "";
  #data = [];

  /** Take the next piece of the stream and return the events completed by it: `{type, data}`. */
  push(chunk) {
    const events = [];
    let text = chunk;
    if (!this.#started && text.length > 0) {
      this.#started = true;
      text = text.replace(/^\uFEFF/, "");
    }
    for (const character of text) {
      // CRLF may be cut between two chunks: the LF then belongs to the CR before it.
      const secondHalf = character === "\n" && this.#afterReturn;
      this.#afterReturn = character === "\r";
      if (secondHalf) {
        continue;
      }
      if (character === "\r" || character === "\n") {
        const event = this.#endOfLine();
        if (event) {
          events.push(event);
        }
      } else {
        this.#line += character;
      }
    }
    return events;
  }

  #endOfLine() {
    const line = this.#line;
    this.#line = "";
    if (line === "") {
      return this.#dispatch();
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") {
      this.#type = value;
    } else if (field === "data") {
      this.#data.push(value);
    }
    // A line that begins with a colon is a comment (keep-alive); id and retry mean nothing here.
    return null;
  }

  #dispatch() {
    const type = this.#type || "message";
    const lines = this.#data;
    this.#type = "";
    this.#data = [];
    return lines.length > 0 ? { type, data: lines.join("\n") } : null;
  }
}
